"""A scripted server that speaks OpenAI's chat completions, behind a real loopback socket.

    async with openai_double() as double:
        double.reply = Reply("It is due on Friday [1].")
        double.fault = Fault("cut_mid_stream")
        ...  # let the client talk to double.url
        assert double.requests[-1].headers["authorization"] == "Bearer none"

Only streams, which is all that Souvenir asks for.
"""

from tests.openai_double.answers import Reply
from tests.openai_double.double import Fault, OpenAiDouble, Received, openai_double

__all__ = ["Fault", "OpenAiDouble", "Received", "Reply", "openai_double"]
