# Reads the output of Vitest without colours, and prints each failed test with the start of its error. The more tests failed, the less it prints of each.

function start(name) {
  # One error may be that of several tests.
  names = names == "" || message ? name : names "\n" name
  message = difference = located = 0
}

function keep(line) {
  # The error of the second try is enough.
  if (names ~ /\(initial run\)$/) return
  if (!(names in errors)) failures[++count] = names
  errors[names] = errors[names] line
}

{ sub(/[ \r]+$/, "") }

/^ *FAIL / || /^⎯.* (Unhandled (Rejection|Error)|Uncaught Exception) ⎯/ {
  sub(/^ *FAIL/, ""); gsub(/⎯/, ""); gsub(/  +/, " "); sub(/^ +/, ""); sub(/ +$/, "")
  start($0)
  next
}

/^⎯/ { names = ""; next }

# npm has errors, too.
names == "" && (/^Error: / || /ERR!/) { start($0); keep(""); names = "" }

names == "" || /^$/ || /^\+ Received/ { next }

# The place follows, with some lines of the test.
/^ *❯ / { located = 1; difference = 0; next }

/^- Expected/ { difference = 1; next }

# Of a difference, the lines that differ are enough.
difference && !/^[-+]/ { next }

!located || /^Caused by: / || /^This error originated/ { message = 1; keep($0 "\n") }

END {
  if (count == 0) exit 1
  for (i = 1; i <= count; i++) {
    print failures[i]
    left = 1500 / count > 600 ? 600 : 1500 / count
    many = split(errors[failures[i]], lines, "\n")
    for (j = 1; j < many && j <= 6 && left > 0; j++) {
      shown = substr(lines[j], 1, left < 140 ? left : 140)
      print "  " shown
      left -= length(shown)
    }
  }
}
