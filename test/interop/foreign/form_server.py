"""Reads forms with Werkzeug, the parser of Flask, and answers with what it understood. Prints its URL."""

import hashlib
import json

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

WSGIRequestHandler.protocol_version = "HTTP/1.1"
WSGIRequestHandler.log_request = lambda *_: None


@Request.application
def app(request):
    fields = list(request.form.items(multi=True))
    for name, file in request.files.items(multi=True):
        content = file.read()
        fields.append([name, file.filename, file.mimetype, len(content), hashlib.sha256(content).hexdigest()])
    return Response(json.dumps(fields), mimetype="application/json")


server = make_server("127.0.0.1", 0, app, threaded=True)
print(json.dumps({"werkzeug": server.server_port}), flush=True)
server.serve_forever()
