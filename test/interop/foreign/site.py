"""A shop as many are written: Flask with Flask-WTF, sessions in cookies, CSRF tokens, redirects and gzip. Its API is on another port.

Prints the two URLs, then one line of JSON for each request: its server, method, path, status, and the bytes of both bodies on the wire.
Flask and Werkzeug know nothing of Loadcell; the log is written where the bytes are.
"""

import gzip
import hashlib
import json
import threading

from flask import Flask, Response, jsonify, redirect, render_template_string, request, session, url_for
from flask_wtf import CSRFProtect, FlaskForm
from werkzeug.serving import WSGIRequestHandler, make_server
from wtforms import FileField, PasswordField, StringField
from wtforms.validators import DataRequired

WSGIRequestHandler.protocol_version = "HTTP/1.1"
WSGIRequestHandler.log_request = lambda *_: None

API_TOKEN = "shop-api-token-4711"
lock = threading.Lock()


class AccessLog:
    """Counts the bytes of each request and prints them once the response is closed."""

    def __init__(self, app, server):
        self.app = app
        self.server = server

    def __call__(self, environ, start_response):
        seen = {}

        def started(status, headers, exc_info=None):
            seen["status"] = int(status.split(" ", 1)[0])
            return start_response(status, headers, exc_info)

        sent = 0
        body = self.app(environ, started)
        try:
            for chunk in body:
                sent += len(chunk)
                yield chunk
        finally:
            getattr(body, "close", lambda: None)()
            row = {
                "server": self.server,
                "method": environ["REQUEST_METHOD"],
                "path": environ["PATH_INFO"],
                "status": seen["status"],
                "received": int(environ.get("CONTENT_LENGTH") or 0),
                "sent": 0 if environ["REQUEST_METHOD"] == "HEAD" else sent,
                "tells": sorted(name for name in environ if name.startswith("HTTP_X_LOADCELL")),
                "cookies": sorted(request_cookies(environ)),
            }
            with lock:
                print(json.dumps(row), flush=True)


def request_cookies(environ):
    return [pair.split("=", 1)[0].strip() for pair in environ.get("HTTP_COOKIE", "").split(";") if pair.strip()]


site = Flask("site")
site.config["SECRET_KEY"] = "not a secret"
CSRFProtect(site)


class LoginForm(FlaskForm):
    user = StringField(validators=[DataRequired()])
    password = PasswordField(validators=[DataRequired()])


class UploadForm(FlaskForm):
    title = StringField(validators=[DataRequired()])
    photo = FileField(validators=[DataRequired()])


LOGIN = """<!doctype html><title>Log in</title>
<form id="login" method="post">{{ form.csrf_token }}{{ form.user }}{{ form.password }}<button name="go">Go</button></form>"""

ACCOUNT = """<!doctype html><title>Account</title><meta name="api-token" content="{{ token }}">
<h1>Hello, {{ user }}</h1><p>{{ text }}</p>
<form id="upload" method="post" action="/photos" enctype="multipart/form-data">{{ form.csrf_token }}{{ form.title }}{{ form.photo }}</form>"""


@site.after_request
def compressed(response):
    """Compresses pages for clients that ask for that."""
    if "gzip" in request.headers.get("Accept-Encoding", "") and response.mimetype == "text/html":
        response.set_data(gzip.compress(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
    return response


@site.get("/")
def home():
    return redirect(url_for("login"))


@site.route("/login", methods=["GET", "POST"])
def login():
    form = LoginForm()
    if not form.validate_on_submit():
        return render_template_string(LOGIN, form=form), 200 if request.method == "GET" else 403
    if form.password.data != "letmein":
        return render_template_string(LOGIN, form=form), 403
    session["user"] = form.user.data
    return redirect(url_for("account"))


@site.get("/account")
def account():
    if "user" not in session:
        return redirect(url_for("login"))
    return render_template_string(ACCOUNT, form=UploadForm(), user=session["user"], token=API_TOKEN, text="shop " * 2000)


@site.post("/photos")
def photos():
    form = UploadForm()
    if "user" not in session or not form.validate_on_submit():
        return jsonify(errors=form.errors), 403
    photo = form.photo.data
    content = photo.read()
    digest = hashlib.sha256(content).hexdigest()
    return jsonify(title=form.title.data, name=photo.filename, type=photo.mimetype, bytes=len(content), sha256=digest), 201


api = Flask("api")


@api.get("/v1/orders")
def orders():
    if request.headers.get("Authorization") != f"Bearer {API_TOKEN}":
        return jsonify(error="unauthorized"), 401
    return jsonify(items=[{"id": 7, "total": 12.5}, {"id": 8, "total": 3}], total=2)


@api.post("/v1/answers")
def answers():
    """Streams words as language models do."""
    words = request.get_json()["prompt"].split()

    def events():
        yield "\ufeff: welcome\r\n\r\n"
        for word in words:
            yield f"event: reset\rdata: {word}\r\r"
        yield "data: [DONE]\n\n"

    return Response(events(), mimetype="text/event-stream")


def serve(app, name):
    server = make_server("127.0.0.1", 0, AccessLog(app, name), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


if __name__ == "__main__":
    print(json.dumps({"site": f"http://127.0.0.1:{serve(site, 'site')}", "api": f"http://localhost:{serve(api, 'api')}"}), flush=True)
    threading.Event().wait()
