"""How the bundled encoder is made and measured; the service never imports it."""
