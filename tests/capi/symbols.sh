#!/bin/sh
# symbols.sh LIBRARY.a [assertions]: our objects can neither end the process, nor print, nor change what belongs to the
# host: they do not even refer to the functions that do. Looked at are our objects alone: operator new and the like lie
# in libstdc++. std::terminate is not looked for: noexcept and the destructor of std::thread compile to it.
set -eu
library=$1

# Every undefined symbol, as "object symbol".
undefined=$(nm -u -A "$library" | awk '{ sub(/:$/, "", $1); print $1, $NF }')

ending='abort|exit|_exit|_Exit|quick_exit|raise|kill|pthread_kill|__assert_fail'
# A build for tests that asked for libstdc++'s assertions has them; what is shipped does not.
[ "${2:-}" = assertions ] || ending="$ending|_ZSt21__glibcxx_assert.*"
printing='printf|fprintf|vprintf|vfprintf|dprintf|puts|fputs|putchar|fputc|putc|fwrite|perror|syslog'
fortified='__printf_chk|__fprintf_chk|__vprintf_chk|__vfprintf_chk|__dprintf_chk'
streams='stdout|stderr|_ZSt4cout|_ZSt4cerr|_ZSt4clog|_ZSt5wcout|_ZSt5wcerr|_ZNSt8ios_base4InitC1Ev'
host='signal|sigaction|setlocale|setenv|putenv|unsetenv|chdir|umask|srand|atexit|system|popen|fork|exec[a-z]*'

found=$(printf '%s\n' "$undefined" |
  grep -E " ($ending|$printing|$fortified|$streams|$host)(@.*)?\$" || true)
if [ -n "$found" ]; then
  echo "these objects refer to what a library must not call:"
  printf '%s\n' "$found"
  exit 1
fi
# The check itself must see something: an empty list would pass too.
printf '%s\n' "$undefined" | grep -q ' _Znwm$' || { echo "nm shows no symbols of $library"; exit 1; }
