#!/bin/sh
# Looks at products, each of them once.
for id in $(seq 1 80); do echo "GET $LOADCELL_TARGET/api/v1/products/$id"; done |
  vegeta attack -rate 20 -duration 4s
