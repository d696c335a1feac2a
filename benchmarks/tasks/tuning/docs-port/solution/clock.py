"""A server that says what time it is."""

import argparse
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

DEFAULT_PORT = 8080


class Handler(BaseHTTPRequestHandler):
    """Answers every request with the time."""

    def do_GET(self):
        """Send the time as text."""
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(datetime.now().isoformat().encode())


def parse_args(argv=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(description="serve the time")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT)
    return parser.parse_args(argv)


def main(argv=None):
    """Serve until interrupted."""
    HTTPServer(("127.0.0.1", parse_args(argv).port), Handler).serve_forever()


if __name__ == "__main__":
    main()
