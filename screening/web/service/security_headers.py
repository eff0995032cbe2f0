"""Security headers: load nothing from elsewhere, keep nothing, say nothing."""

from flask import Flask, Response, current_app, request

from screening.web.shell.inline_style import style_source

POLICY = (
    f"default-src 'none'; script-src 'self'; style-src 'self' {style_source()}; img-src 'self';"
    " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
YEAR = 365 * 24 * 3600
SAME_FOR_ALL = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def init_app(app: Flask) -> None:
    """Set the headers on every response of an application."""
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    for name, value in SAME_FOR_ALL.items():
        response.headers.setdefault(name, value)
    if current_app.config["SESSION_COOKIE_SECURE"]:  # it is served by HTTPS, and by nothing else
        response.headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
    if request.endpoint != "static":
        # Any page may hold answers or a form's token, and the machine may be a shared one.
        response.headers["Cache-Control"] = "no-store"
    return response
