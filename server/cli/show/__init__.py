"""How answers, documents and threads look in a terminal."""
