"""What the script `chorus` reads when it is run.

The processes of a sweep read the script once more each (that is how multiprocessing starts them), and need nothing of
the server, whose parts take seconds to import.
"""


def main() -> None:
    from server.__main__ import main as program

    program()
