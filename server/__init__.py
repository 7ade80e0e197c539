"""How people reach Souvenir: settings, composition root, HTTP, command line, Studio."""
