"""The engine's shard on disk: opened when it is whole, made anew when it is not."""

import shutil
from pathlib import Path
from typing import Final

from qdrant_edge import (
    Distance,
    EdgeConfig,
    EdgeShard,
    EdgeSparseVectorParams,
    Modifier,
    PayloadSchemaType,
    Query,
    QueryRequest,
    UpdateOperation,
    VectorStorageDatatype,
)

from memory.long_term import fingerprint, room
from memory.long_term.embedding import EmbeddingSpace
from memory.long_term.errors import IndexUnavailable

DENSE: Final = "dense"
"""The name of the vectors of meaning in a shard."""
_SEARCHERS: Final = 1
"""Threads of the engine's own. It makes eight by default, which look for work in turns between two searches:
that took a quarter of the time of two cores under load, and one is no slower."""
_KEYWORDS = ("user", "source", "kind", "lang")


def open_shard(folder: Path) -> tuple[EdgeShard, bool]:
    """Return the shard in `folder`, and whether it had to be made anew. Raises as `open_edge_index` does."""
    room.require(folder, room.TO_OPEN)
    if fingerprint.matches(folder):
        try:
            shard = EdgeShard.load(str(folder), _config())
            if _is_whole(shard, fingerprint.space(folder)):
                return shard, False
            shard.close()
        except Exception as error:  # The engine has no exception type of its own.
            if "WouldBlock" in str(error):
                raise IndexUnavailable(f"another process holds the long-term index in {folder}") from error
    if folder.is_dir():
        shutil.rmtree(folder)
    else:
        folder.unlink(missing_ok=True)
    return create_shard(folder), True


def _is_whole(shard: EdgeShard, space: EmbeddingSpace | None) -> bool:
    """Tell whether the engine found what it wrote: where its segments are gone, it makes empty ones.

    Room for vectors without their stamp is what a crash between the two leaves: no vector is there yet.
    """
    if not shard.info().payload_schema.keys() >= set(_KEYWORDS):
        return False
    if space is None:
        shard.update(UpdateOperation.delete_vector_name(DENSE))
    else:  # raises where there is no room for vectors, or for longer ones
        shard.query(QueryRequest(limit=1, query=Query.Nearest([1.0] * space.dimension, using=DENSE)))
    return True


def create_shard(folder: Path) -> EdgeShard:
    """Make an empty shard, with room for words alone."""
    folder.mkdir(parents=True)
    shard = EdgeShard.create(str(folder), _config())
    for field in _KEYWORDS:
        shard.update(UpdateOperation.create_field_index(field, PayloadSchemaType.Keyword))
    shard.flush()
    return shard


def _config() -> EdgeConfig:
    sparse = {"bm25": EdgeSparseVectorParams(modifier=Modifier.Idf)}
    return EdgeConfig(sparse_vectors=sparse, max_search_threads=_SEARCHERS)


def make_room_for_vectors(shard: EdgeShard, dimension: int) -> None:
    """Add room for vectors as half floats: half the bytes, two thirds of the time, equal to three places."""
    half = VectorStorageDatatype.Float16
    shard.update(UpdateOperation.delete_vector_name(DENSE))  # made before, for a stamp that was not written
    shard.update(UpdateOperation.create_dense_vector(DENSE, dimension, Distance.Cosine, datatype=half))
    shard.flush()
