"""The pages and their headers, and who may ask for what."""

from __future__ import annotations

import re

import httpx

from server.owner import Owner


async def test_the_playground_leads_to_a_thread_of_its_own(http: httpx.AsyncClient) -> None:
    """The bare address redirects to a new thread each time; below it, every file of the page loads."""
    places = [(await http.get("/agent/playground/")).headers["Location"] for _ in range(2)]
    assert places[0] != places[1]
    assert re.fullmatch(r"/t/[0-9a-f-]{36}/agent/playground/", places[0])
    page = await http.get(places[0])
    files = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert len(files) >= 5
    for file in files:
        assert (await http.get(file)).status_code == 200, file


async def test_pages_keep_to_themselves(http: httpx.AsyncClient) -> None:
    """Every page forbids other origins, frames, inline scripts without a nonce, and guessing of types."""
    for path in ("/", "/t/new/agent/playground/", "/pages/home.js", "/pages/souvenir.css"):
        headers = (await http.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "http:" not in policy
        assert "https:" not in policy
        assert "'unsafe" not in policy.split("script-src")[1].split(";")[0]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


async def test_pages_name_no_other_site(http: httpx.AsyncClient) -> None:
    """No page loads anything from elsewhere, so that it works without a network."""
    for path in ("/", "/pages/home.js", "/pages/souvenir.css", "/pages/chat.css", "/pages/strip.js"):
        assert not re.search(r"(src|href|url|import)[^\n]{0,5}https?:", (await http.get(path)).text), path


async def test_the_language_is_the_address_s_or_the_browser_s(http: httpx.AsyncClient) -> None:
    """`?lang=` wins over `Accept-Language`; anything else is English here."""
    french = {"Accept-Language": "fr-FR,fr;q=0.9"}
    for path in ("/", "/t/new/agent/playground/"):
        assert '<html lang="fr">' in (await http.get(path, headers=french)).text
        assert '<html lang="en">' in (await http.get(f"{path}?lang=en", headers=french)).text
        assert '<html lang="en">' in (await http.get(f"{path}?lang=xx")).text


async def test_what_was_said_cannot_break_out_of_the_page(http: httpx.AsyncClient) -> None:
    """A question with a closing tag stays data, in the transcript and above the chat."""
    question = '</script><script>alert(1)</script><!-- data --><html lang="en">'
    turn = (await http.post("/v1/turns", json={"question": question})).json()
    for path in (f"/t/{turn['thread_id']}/", f"/t/{turn['thread_id']}/agent/playground/"):
        page = await http.get(path)
        assert page.status_code == 200
        assert "alert(1)" in page.text
        assert "<script>alert" not in page.text


async def test_an_unknown_transcript_is_not_found(http: httpx.AsyncClient) -> None:
    """There is nothing to read in a conversation that never was."""
    assert (await http.get("/t/never/")).status_code == 404
    assert (await http.get("/t/%3Cb%3E/")).status_code == 404


async def test_a_page_of_another_site_cannot_change_anything(http: httpx.AsyncClient) -> None:
    """A request that changes something is refused when its origin is not this very server."""
    for origin in ("https://evil.example", "null", "http://127.0.0.1:1", "http://["):
        for path in ("/agent/stream_log", "/v1/turns", "/v1/ingest"):
            refused = await http.post(path, json={}, headers={"Origin": origin})
            assert refused.status_code == 403, path
            assert refused.json()["error"]["code"] == "foreign_origin"
        assert (await http.delete("/v1/documents/x", headers={"Origin": origin})).status_code == 403


async def test_the_server_s_own_pages_may(http: httpx.AsyncClient, owner: Owner) -> None:
    """The same request from Souvenir's own page goes through, and so does one without an origin."""
    question = {"question": "Hello?"}
    assert (await http.post("/v1/turns", json=question, headers={"Origin": owner.url})).status_code == 200
    assert (await http.post("/v1/turns", json=question)).status_code == 200


async def test_another_name_for_this_server_is_refused(http: httpx.AsyncClient) -> None:
    """A site that points its own name at this machine (DNS rebinding) reads nothing."""
    for host in ("evil.example", "127.0.0.1.evil.example:80", "localhost.evil.example"):
        for path in ("/", "/v1/documents", "/health/live"):
            assert (await http.get(path, headers={"Host": host})).status_code == 400, path
