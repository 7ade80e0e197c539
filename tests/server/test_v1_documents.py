"""`/v1/ingest` and `/v1/documents`, then `/v1/doctor` and `/v1/owner`, on a real socket."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.server.v1_client import FRENCH, Api, failure

BADGE = "Odile Garnier makes the replacement badges on Tuesdays."
NOTE = ("badges.md", f"# Badges\n\n{BADGE}\n".encode())
DOCUMENT = {"uri", "document_id", "title", "status", "chunks", "projections", "error"}
TOTALS = {"stored", "unchanged", "updated", "failed", "chunks", "seconds"}


async def ingest(api: Api, *paths: Path | str) -> dict[str, Any]:
    """Ingest by path, as the account that runs Souvenir."""
    body = {"paths": [str(path) for path in paths]}
    return dict(await api.post("/v1/ingest", body, headers=api.token))


async def test_an_uploaded_file_is_stored_and_found(api: Api) -> None:
    """What is dropped is told about document by document, and recalled at once."""
    told = await api.upload(NOTE)
    [document] = told["documents"]
    assert document.keys() == DOCUMENT
    assert (document["status"], document["title"], document["chunks"]) == ("stored", "Badges", 1)
    assert document["projections"]["recall"]["state"] in ("done", "partial")
    assert told["totals"].keys() == TOTALS
    assert told["totals"]["stored"] == 1
    found = await api.get("/v1/recall", params={"query": "replacement badges"})
    assert [passage["document_id"] for passage in found["passages"]] == [document["document_id"]]


async def test_an_upload_again_is_unchanged_or_updated(api: Api) -> None:
    """The same file is the same document; another content replaces it, and nothing old stays."""
    first = (await api.upload(NOTE))["documents"][0]
    same = (await api.upload(NOTE))["documents"][0]
    assert (same["status"], same["document_id"]) == ("unchanged", first["document_id"])
    changed = (await api.upload((NOTE[0], b"# Badges\n\nRenaud does it now.\n")))["documents"][0]
    assert (changed["status"], changed["document_id"]) == ("updated", first["document_id"])
    shown = await api.get(f"/v1/documents/{first['document_id']}")
    assert "Odile" not in str(shown)
    assert (await api.get("/v1/recall", params={"query": "Odile Garnier"}))["passages"] == []


async def test_an_upload_keeps_no_path_of_the_client(api: Api) -> None:
    """A name with folders in it, of either system, is a bare name here."""
    told = await api.upload(
        ("../../etc/a.md", b"# One\n\nAlpha.\n"), ("C:\\secret\\b.md", b"# Two\n\nBeta.\n")
    )
    assert sorted(document["uri"] for document in told["documents"]) == ["upload:a.md", "upload:b.md"]


async def test_one_bad_upload_spoils_no_other(api: Api) -> None:
    """What cannot be read fails with a reason in the person's language; the rest is stored."""
    told = await api.upload(("broken.pdf", b"not a pdf"), ("empty.md", b""), NOTE, headers=FRENCH)
    states = {document["uri"]: document["status"] for document in told["documents"]}
    assert states == {
        "upload:broken.pdf": "failed",
        "upload:empty.md": "failed",
        "upload:badges.md": "stored",
    }
    assert (told["totals"]["failed"], told["totals"]["stored"]) == (2, 1)
    for document in told["documents"]:
        assert bool(document["error"]) == (document["status"] == "failed")


async def test_an_upload_without_files_is_refused(api: Api) -> None:
    """Nothing was dropped: one line says so."""
    response = await api.http.post("/v1/ingest", files={"other": ("a.md", b"x")}, headers=FRENCH)
    assert failure(response) == (422, "no_files", "Aucun fichier n'a été donné.")


async def test_paths_are_ingested_for_the_owner(api: Api, tmp_path: Path) -> None:
    """Files and folders, recursively; a missing one fails alone."""
    folder = tmp_path / "papers" / "deep"
    folder.mkdir(parents=True)
    (folder / NOTE[0]).write_bytes(NOTE[1])
    told = await ingest(api, tmp_path / "papers", tmp_path / "missing.md")
    by_status = {document["status"]: document for document in told["documents"]}
    assert by_status["stored"]["uri"] == (folder / NOTE[0]).as_uri()
    assert by_status["failed"]["error"]
    assert (told["totals"]["stored"], told["totals"]["failed"]) == (1, 1)


async def test_ingestion_streams(api: Api, tmp_path: Path) -> None:
    """As lines: how many were found, each document, the totals."""
    (tmp_path / NOTE[0]).write_bytes(NOTE[1])
    events = await api.lines("/v1/ingest", {"paths": [str(tmp_path / NOTE[0])]}, **api.token)
    assert [event["type"] for event in events] == ["discovered", "document", "totals"]
    assert events[0]["total"] == 1
    assert events[1].keys() == DOCUMENT | {"type"}


async def test_paths_are_not_for_strangers(api: Api, tmp_path: Path) -> None:
    """Without the owner's token no file of this machine is read."""
    (tmp_path / NOTE[0]).write_bytes(NOTE[1])
    for token in (None, "", "Bearer", "Bearer wrong", "Bearer é", "Basic x"):
        headers = [(name.encode(), value.encode()) for name, value in FRENCH.items()]
        if token is not None:
            headers.append((b"Authorization", token.encode()))
        response = await api.http.post("/v1/ingest", json={"paths": [str(tmp_path)]}, headers=headers)
        status, code, message = failure(response)
        assert (status, code) == (403, "owner_token_required")
        assert message.startswith("Seul le compte")
    assert (await api.get("/v1/documents"))["documents"] == []


async def test_bodies_that_are_not_paths(api: Api) -> None:
    """A body of another shape is refused with one line, even from the owner."""
    bodies: list[Any] = [{}, {"paths": "/tmp"}, {"paths": [7]}, {"files": []}, [], None]
    for body in bodies:
        response = await api.http.post("/v1/ingest", json=body, headers=api.token)
        assert failure(response)[:2] == (422, "invalid_request")


async def test_an_ingest_body_that_is_not_json(api: Api) -> None:
    """Bytes that nobody can read are refused, not fatal."""
    response = await api.http.post("/v1/ingest", content=b"{", headers=api.token)
    assert failure(response)[0] in (400, 422)


async def test_no_paths_is_nothing_done(api: Api) -> None:
    """An empty list is no mistake."""
    assert (await ingest(api))["documents"] == []


async def test_documents_are_listed_and_shown(api: Api) -> None:
    """The ledger of what made it in; one document with its text and its pieces."""
    identity = (await api.upload(NOTE))["documents"][0]["document_id"]
    [listed] = (await api.get("/v1/documents"))["documents"]
    assert DOCUMENT | {"created_at", "updated_at"} <= listed.keys()
    assert "text" not in listed
    shown = await api.get(f"/v1/documents/{identity}")
    assert BADGE in shown["text"]
    [piece] = shown["pieces"]
    assert piece["position"] == 0
    assert "Badges" in piece["locator"]
    assert BADGE in piece["text"]


async def test_a_forgotten_document_is_gone(api: Api) -> None:
    """No route shows it, recall does not find it, and the answer that drew on it is blanked."""
    identity = (await api.upload(NOTE))["documents"][0]["document_id"]
    answer = await api.post("/v1/turns", {"question": "Who makes the replacement badges?"})
    assert "Odile" in answer["answer"]
    response = await api.http.delete(f"/v1/documents/{identity}")
    assert (response.status_code, response.json()) == (200, {"forgotten": identity})
    assert (await api.get("/v1/documents"))["documents"] == []
    found = (await api.get("/v1/recall", params={"query": "replacement badges"}))["passages"]
    assert [passage["text"] for passage in found if passage["score"] > 0] == []
    assert "Odile" not in str(found)
    shown = await api.get(f"/v1/threads/{answer['thread_id']}")
    assert "Odile" not in str(shown)
    await api.post("/v1/turns", {"question": "Sure?", "thread_id": answer["thread_id"]})
    assert "Odile" not in str(api.double.requests("/api/chat")[-1].json)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_unknown_documents_are_told(api: Api, method: str) -> None:
    """In the person's language."""
    response = await api.http.request(method, "/v1/documents/invented", headers=FRENCH)
    status, code, message = failure(response)
    assert (status, code) == (404, "unknown_document")
    assert message.startswith("Ce document n'existe pas")


async def test_rebuild_projects_everything_again(api: Api) -> None:
    """Every document and turn is queued again, and found afterwards as before."""
    await api.upload(NOTE)
    await api.post("/v1/turns", {"question": "I live in Nantes."})
    before = await api.get("/v1/recall", params={"query": "replacement badges"})
    assert (await api.post("/v1/documents/rebuild"))["requeued"] == 2
    assert await api.get("/v1/recall", params={"query": "replacement badges"}) == before


# How the parts do, and who owns the folder


async def test_doctor_names_every_part(api: Api) -> None:
    """Backend, state, version and latency of each."""
    api.double.install("nomic-embed-text")
    parts = {part["component"]: part for part in (await api.get("/v1/doctor"))["components"]}
    wanted = {"archive", "short_term", "recall", "knowledge", "ollama", "ollama:llama3.1:8b"}
    assert wanted <= parts.keys()
    for part in parts.values():
        assert {"component", "backend", "state", "version", "latency_ms", "detail", "fix"} <= part.keys()
        assert part["state"] == "ok"


@pytest.mark.parametrize(("lang", "words"), [("en", "start Ollama"), ("fr", "lancez Ollama")])
async def test_doctor_tells_the_fix(api: Api, lang: str, words: str) -> None:
    """With no Ollama, its line says what to do, in the person's language."""
    api.double.stop()
    answer = await api.get("/v1/doctor", headers={"Accept-Language": lang})
    parts = {part["component"]: part for part in answer["components"]}
    assert parts["ollama"]["state"] == "degraded"
    assert words in parts["ollama"]["fix"]
    assert parts["archive"]["state"] == "ok"


async def test_doctor_tells_which_model_to_pull(api: Api) -> None:
    """A model of the route that is not installed is named with the command that gets it."""
    api.double.remove("llama3.2:3b")
    parts = {part["component"]: part for part in (await api.get("/v1/doctor"))["components"]}
    assert parts["ollama:llama3.1:8b"]["state"] == "ok"
    assert "ollama pull llama3.2:3b" in parts["ollama:llama3.2:3b"]["fix"]


async def test_the_owner_proves_itself(api: Api) -> None:
    """Only a holder of the token learns which process owns the folder."""
    assert await api.get("/v1/owner", headers=api.token) == {"pid": os.getpid()}
    assert failure(await api.http.get("/v1/owner"))[:2] == (403, "owner_token_required")


async def test_the_openapi_document_is_whole(api: Api) -> None:
    """Every path of the API is in the OpenAPI document, which can be built."""
    document = await api.get("/openapi.json")
    paths = {
        "/v1/turns",
        "/v1/ingest",
        "/v1/recall",
        "/v1/documents",
        "/v1/documents/{document_id}",
        "/v1/documents/rebuild",
        "/v1/threads",
        "/v1/threads/{thread_id}",
        "/v1/threads/{thread_id}/export",
        "/v1/doctor",
        "/v1/owner",
    }
    assert paths <= document["paths"].keys()
    assert document["openapi"].startswith("3.")


@pytest.mark.parametrize("path", ["/v1/invented", "/v1/turns/x"])
async def test_a_path_that_does_not_exist(api: Api, path: str) -> None:
    """It is told as every other mistake is."""
    assert failure(await api.http.get(path))[0] == 404


async def test_a_method_that_does_not_exist(api: Api) -> None:
    """It is told as every other mistake is."""
    assert failure(await api.http.put("/v1/turns", json={}))[0] == 405
