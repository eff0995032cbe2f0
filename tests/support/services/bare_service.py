"""A bare Flask page on waitress: GET renders a form, POST inserts one row and leads back.

Usage: python bare_service.py DATABASE-ADDRESS; it prints where it serves.
"""

import sys
from threading import local

import psycopg
import waitress
from flask import Flask, Response, redirect, render_template_string, request

from screening.web.service.server import THREADS

PAGE = """<!doctype html><html lang="en"><title>Bare</title><h1>Bare</h1>
<form method="post"><label>{{ label }} <input name="told"></label><button>Save</button></form>"""


def bare_service(address: str) -> Flask:
    """The application; each thread has a connection of its own."""
    app, own = Flask(__name__), local()

    @app.get("/")
    def page() -> str:
        return render_template_string(PAGE, label="Answer")

    @app.post("/")
    def save() -> Response:
        if not hasattr(own, "connection"):
            own.connection = psycopg.connect(address)
        own.connection.execute("INSERT INTO bare VALUES (%s)", (request.form["told"] * 100,))
        own.connection.commit()
        return redirect("/", 303)  # type: ignore[return-value]

    return app


def main(address: str) -> None:
    """Serve until it is ended."""
    server = waitress.create_server(
        bare_service(address), host="127.0.0.1", port=0, threads=THREADS
    )
    sys.stdout.write(f"Bare page at http://127.0.0.1:{server.effective_port}/ \n")
    sys.stdout.flush()
    server.run()


if __name__ == "__main__":
    main(sys.argv[1])
