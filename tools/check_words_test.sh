#!/bin/sh
# Proves that the rules of check_words.sh bite, and that what only looks like a
# banned word is let pass.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
. "$here/self_test.sh"

clean_tree() {
    rm -rf "$tree"
    file src/base/clock.c 'return clock_gettime(CLOCK_REALTIME, &now);'
    file src/base/log.c 'fprintf(stderr, "%s", getenv("NOTIFY_SOCKET"));'
    file src/cli/main.c 'printf("%s", getenv("CHANCERY_DIR"));'
    file tests/unit/base/a_test.c '#include <setjmp.h>' 'setjmp(here);'
    file src/x509/a.c '/* no strcpy(a, b) here,' 'nor goto there; */' \
        'say("strcpy(a, \" atoi(b)"); // gets(a)' "c = '\"'; say(\"rand()\");" \
        'snprintf(a, 1, "b"); vsnprintf(a, 1, b, c); der_time(a);' \
        'if (memcmp(a, b, 4) == 0) tool->system_name = "XXXXXX";' \
        'i2d_PUBKEY(key); pem_strcat(a); fgets(a, 2, file);'
}

check=$here/check_words.sh
silent
for call in strcpy strcat stpcpy sprintf vsprintf gets atoi atol atoll atof \
    sscanf scanf fscanf strtok strtok_r strncpy strncat alloca system popen \
    rand srand random srandom drand48 lrand48 srand48 tmpnam tempnam mktemp \
    gmtime localtime localtime_r mktime ctime ctime_r asctime asctime_r; do
    refused "1: $call: " src/x509/b.c "    (void)$call(a, b);"
    refused "1: $call: " tests/unit/b.c "$call (a);"
done
for call in execvp execlp execvpe posix_spawnp time clock_gettime \
    gettimeofday timespec_get PKCS7_verify PKCS7_sign ENGINE_init d2i_X509 \
    d2i_X509_CRL d2i_OCSP_RESPONSE PEM_read_bio_X509 PEM_read_X509_REQ setjmp \
    longjmp printf vprintf puts putchar perror getenv secure_getenv; do
    refused "1: $call: " src/x509/b.c "if ($call(a, b))"
    silent tests/unit/b.c "if ($call(a, b))"
done
for word in SSL_library_init SSL_load_error_strings \
    OpenSSL_add_all_algorithms ERR_load_crypto_strings stdout stderr; do
    refused "1: $word: " src/x509/b.c "use($word);"
done
for word in pass secret key_bytes; do
    refused '1: memcmp' src/crypto/b.c "return memcmp(a, $word, 4) == 0;"
    refused '1: strcmp' src/crypto/b.c "return strcmp(a->$word, b) == 0;"
done
for word in TODO FIXME XXX HACK; do
    refused "1: $word: " src/base/b.c "/* $word: later */"
    refused "2: $word: " tests/unit/b.h "int a;" "say(\"$word\");"
done
refused '1: goto: ' src/base/b.c 'goto done;'
refused '1: goto: ' src/base/b.c '    goto'
refused '3: gets: ' src/base/b.c '/* strcpy(a)' '*/' 'gets(a);'
refused '1: time: ' src/authority/b.c '/* now */ now = time(NULL);'
passed
