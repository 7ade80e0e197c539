"""Tests of the routes: what a file may say, and what is said of one that cannot be used."""
