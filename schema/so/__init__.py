"""The GraphQL shape of the organisms section."""
