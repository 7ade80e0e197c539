"""Trying out the models of the routes: one small question for each thing that Souvenir asks of a model."""
