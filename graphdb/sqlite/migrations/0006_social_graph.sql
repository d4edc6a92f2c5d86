-- Who is connected to whom, as each observer knows them. A node is one person in the graph of one observer.
CREATE TABLE circle (number INTEGER PRIMARY KEY, observer TEXT NOT NULL UNIQUE);

CREATE TABLE node (
    number INTEGER PRIMARY KEY,
    circle INTEGER NOT NULL,
    person TEXT NOT NULL
);
CREATE UNIQUE INDEX node_person ON node (person, circle);

-- Both directions of each connection and nothing else: what searches walk on stays small.
CREATE TABLE knows (
    node INTEGER NOT NULL,
    neighbour INTEGER NOT NULL,
    PRIMARY KEY (node, neighbour)
) WITHOUT ROWID;

-- What a connection says, told from the node with the lesser number.
CREATE TABLE connection (
    node INTEGER NOT NULL,
    neighbour INTEGER NOT NULL,
    relationship TEXT NOT NULL,
    inverse TEXT NOT NULL,
    context TEXT NOT NULL,
    weight REAL NOT NULL,
    since INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (node, neighbour)
) WITHOUT ROWID;
