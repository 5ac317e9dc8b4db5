"""An exporter as its author would write it, on a free port. Its counter and its histogram grow with each page.

With `parse`, it prints the samples of a page on stdin as the parser of Prometheus reads them.
"""

import json
import sys
import time

from prometheus_client import Counter, Gauge, Histogram, Info, Summary, start_http_server
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as text_format


def parse(page):
    families = open_metrics(page) if page.endswith('# EOF\n') else text_format(page)
    samples = [
        [sample.name, sorted(sample.labels.items()), repr(float(sample.value))]
        for family in families
        for sample in family.samples
    ]
    print(json.dumps(sorted(samples)))


def serve():
    orders = Counter('shop_orders', 'Orders.', ['kind'])
    nasty = Gauge('shop_nasty', 'Labels.\nwith "quotes" and \\', ['label'])
    nasty.labels('a "b" \\ c\nd {e="f"}, ü 🏔').set(-1.5e-7)
    nasty.labels('').set(float('inf'))
    times = Histogram('shop_request_seconds', 'Times.', buckets=(0.1, 0.5, 1))
    sizes = Summary('shop_size_bytes', 'Sizes.')
    Info('shop_build', 'Build.').info({'version': '1.2'})

    def each_page():
        for _ in range(100):
            orders.labels('new').inc(exemplar={'trace_id': 'abc'})
            times.observe(0.3, {'trace_id': 'abc'})
            sizes.observe(1000)
        return 7

    Gauge('shop_queue', 'Queue.').set_function(each_page)
    started = start_http_server(int(sys.argv[1]), '127.0.0.1')
    print('listening', started, flush=True)
    while True:
        time.sleep(60)


if sys.argv[1] == 'parse':
    parse(sys.stdin.read())
else:
    serve()
