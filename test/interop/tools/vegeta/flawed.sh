#!/bin/sh
# Looks at one product and at a path that does not exist, on a connection each time.
printf 'GET %s/api/v1/products/1\nGET %s/api/products-of-today\n' "$LOADCELL_TARGET" "$LOADCELL_TARGET" |
  vegeta attack -rate 50 -duration 4s -keepalive=false
