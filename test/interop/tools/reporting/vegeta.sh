#!/bin/sh
# Looks at one product, 50 times a second.
echo "GET $LOADCELL_TARGET/api/v1/products/1" | vegeta attack -rate 50 -duration "${SECONDS_OF_LOAD}s"
