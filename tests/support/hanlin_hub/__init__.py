"""A Hub on 127.0.0.1 that can lie: for tests of search and downloads, without a network."""
