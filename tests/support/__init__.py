"""What tests share: repositories, the sealed environment, scripted servers. No tests live here."""
