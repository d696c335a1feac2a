"""An auction."""
