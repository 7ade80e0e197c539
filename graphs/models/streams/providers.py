"""The chat models of other providers than Ollama; a provider's package is imported when its model is made."""

from importlib import import_module
from types import MappingProxyType
from typing import Any, Final, NamedTuple, cast

from langchain_core.language_models.chat_models import BaseChatModel
from pydantic import SecretStr

from graphs.models.routes import Budget, ModelSpec
from graphs.models.routes.addresses import is_loopback

PLACEHOLDER_KEY: Final = "none"
"""What a server on this machine is given instead of a key: it needs none, and gets nobody's."""


class _Chat(NamedTuple):
    module: str
    name: str
    address: str = "base_url"
    """What the class calls the address of the server."""


_CHATS: Final = MappingProxyType(
    {
        "anthropic": _Chat("langchain_anthropic", "ChatAnthropic"),
        "deepseek": _Chat("langchain_deepseek", "ChatDeepSeek", "api_base"),
        "google_genai": _Chat("langchain_google_genai", "ChatGoogleGenerativeAI"),
        "groq": _Chat("langchain_groq", "ChatGroq"),
        "mistralai": _Chat("langchain_mistralai", "ChatMistralAI", "endpoint"),
        "openai": _Chat("langchain_openai", "ChatOpenAI"),
        "xai": _Chat("langchain_xai", "ChatXAI", "xai_api_base"),
    }
)
"""By provider; the stream of each says when the answer is complete."""

_PLAIN: Final = frozenset(
    ("accept", "accept-encoding", "connection", "content-length", "content-type", "host", "user-agent")
)
"""The headers that a server on this machine needs."""


def counts_in_parts(provider: str) -> bool:
    """Tell whether what a provider counts is to be added up; others say what it is so far."""
    return provider == "google_genai"


def key_for(spec: ModelSpec, key: str | None) -> str | None:
    """Return the key that a model's server is given: on this machine, never the real one."""
    return PLACEHOLDER_KEY if spec.base_url and is_loopback(spec.base_url) else key


def made(spec: ModelSpec, key: str | None) -> BaseChatModel:
    """Return the provider's chat model, after importing what it needs.

    Raises:
        ImportError: its package is not installed.
    """
    known = _CHATS[spec.provider]
    chat = getattr(import_module(known.module), known.name)
    if spec.provider == "openai":
        chat = _telling(chat)
    return cast("BaseChatModel", chat(**_settings(spec, key, known.address)))


def _settings(spec: ModelSpec, key: str | None, address: str) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "model": spec.name,
        "temperature": spec.temperature,
        "max_tokens": spec.max_tokens,
        "timeout": spec.budget.total,
        "max_retries": 1 if spec.provider == "google_genai" else 0,
    }
    if spec.base_url:
        settings[address] = spec.base_url
    if given := key_for(spec, key):
        settings["api_key"] = SecretStr(given)
    if spec.provider == "openai":
        settings |= _of_openai(spec)
    return settings


def _of_openai(spec: ModelSpec) -> dict[str, Any]:
    """Return what `ChatOpenAI` needs beside; a server on this machine is reached without a detour."""
    sdk = import_module("openai")
    settings: dict[str, Any] = {"timeout": _timeout(sdk, spec.budget), "stream_usage": True}
    if spec.local:
        hooks = {"request": [_without_secrets]}
        client = sdk.DefaultAsyncHttpxClient(trust_env=False, follow_redirects=False, event_hooks=hooks)
        settings |= {"http_async_client": client, "openai_proxy": "", "http_socket_options": ()}
        # The older name of the limit beside the new one, for servers that know no other.
        settings |= {"use_responses_api": False, "extra_body": {"max_tokens": spec.max_tokens}}
    return settings


async def _without_secrets(request: Any) -> None:  # noqa: ANN401  # of the HTTP library that openai brings
    """Take off what openai adds from the environment: OPENAI_CUSTOM_HEADERS, OPENAI_ORG_ID and their like."""
    for name in [name for name in request.headers if name.lower() not in _PLAIN]:
        if name.lower() != "authorization":
            del request.headers[name]
    if not request.url.userinfo:  # else it is the login that the address of the server holds
        request.headers["authorization"] = f"Bearer {PLACEHOLDER_KEY}"


def _telling(chat: type[Any]) -> type[Any]:
    """Return OpenAI's class, but one that tells of reasoning which a server sends apart: it drops that."""

    class Telling(chat):  # type: ignore[misc]  # known only once its package is imported
        def _convert_chunk_to_generation_chunk(self, chunk: dict[str, Any], *others: Any) -> Any:  # noqa: ANN401
            generation = super()._convert_chunk_to_generation_chunk(chunk, *others)
            deltas = [choice.get("delta") or {} for choice in chunk.get("choices") or ()]
            thoughts = [delta.get("reasoning_content") or delta.get("reasoning") for delta in deltas]
            if generation and any(thoughts):
                generation.message.additional_kwargs["reasoning_content"] = thoughts[0]
            return generation

    return Telling


def _timeout(sdk: Any, budget: Budget) -> object:  # noqa: ANN401  # a module
    slowest = max(budget.load + budget.first_token, budget.between_tokens)
    return sdk.Timeout(slowest + 1, connect=budget.connect, pool=budget.connect)
