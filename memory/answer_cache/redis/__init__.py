"""The cache of answers on a Redis with its modules, through langchain-redis."""
