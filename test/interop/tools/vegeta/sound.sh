#!/bin/sh
# Looks at products, each of them once.
for id in $(seq 1 200); do echo "GET $LOADCELL_TARGET/api/v1/products/$id"; done |
  vegeta attack -rate 50 -duration 4s
