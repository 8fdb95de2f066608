# SPDX-License-Identifier: MIT
# tools/setup --cross SECONDS gives up a download that is slow, before it installs anything.
mkdir bin
printf '#!/bin/sh\nexit 1\n' >bin/dpkg-query # no package is there
printf '#!/bin/sh\nexec "$@"\n' >bin/sudo
cat >bin/apt-get <<'SCRIPT'
#!/bin/sh
echo "$*" >>"$CALLS"
case "$*" in *--download-only*) exec sleep 60 ;; esac
SCRIPT
chmod +x bin/*
CALLS=$PWD/calls
export CALLS
PATH=$PWD/bin:$PATH
fails 1 "could not be downloaded within 1 s" "$SOURCE/tools/setup" --cross 1
gives 2 awk 'END { print NR }' calls
shows "gcc-arm-none-eabi" cat calls
