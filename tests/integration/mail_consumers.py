"""Programs that sign, verify, write to and read mail (CMS, S/MIME)."""
from consumers import say
from path_consumers import PURPOSES
from tls_consumers import nss_with_key

TEXT = "Dear Bob, the answer is yes.\n"


def letter(work):
    path = work / "letter.txt"
    path.write_text(TEXT)
    return path


def in_turn(*commands):
    """The last one's outcome, or that of the first that fails."""
    done, words = True, ""
    for command in commands:
        done, words = say(*command)
        if not done:
            break
    return done, words


def openssl_signs(holder, work):
    signed = work / "signed.eml"
    return in_turn(
        ["openssl", "cms", "-sign", "-in", letter(work), "-text", "-signer",
         holder.leaf, "-inkey", holder.key,
         *holder.with_above("-certfile", work), "-out", signed],
        ["openssl", "cms", "-verify", "-in", signed, "-purpose", "smimesign",
         "-CAfile", holder.root, "-out", work / "read.txt"])


def openssl_encrypts(holder, work):
    sealed, read = work / "sealed.eml", work / "read.txt"
    done, words = in_turn(
        ["openssl", "cms", "-encrypt", "-binary", "-in", letter(work),
         "-aes256", "-out", sealed, holder.leaf],
        ["openssl", "cms", "-decrypt", "-binary", "-in", sealed, "-recip",
         holder.leaf, "-inkey", holder.key, "-out", read])
    return done and read.read_text() == TEXT, words


def gnutls_signs(holder, work):
    signed = work / "signed.p7"
    return in_turn(
        ["certtool", "--p7-sign", "--p7-include-cert", "--load-certificate",
         holder.leaf, "--load-privkey", holder.key, "--infile", letter(work),
         "--outfile", signed],
        ["certtool", "--p7-verify", "--load-ca-certificate",
         holder.chain_with_root(work), "--verify-purpose", PURPOSES["email"],
         "--infile", signed])


def nss_signs(holder, work):
    base, failed = nss_with_key(holder, work)
    if failed:
        return False, failed
    signed = work / "signed.cms"
    return in_turn(
        ["cmsutil", "-S", "-d", base, "-N", "leaf", "-G", "-i", letter(work),
         "-o", signed],
        ["cmsutil", "-D", "-d", base, "-u", 4, "-i", signed, "-o",
         work / "read.txt"])


def nss_encrypts(holder, work):
    base, failed = nss_with_key(holder, work)
    if failed:
        return False, failed
    sealed, read = work / "sealed.cms", work / "read.txt"
    done, words = in_turn(
        ["cmsutil", "-E", "-d", base, "-r", "leaf", "-i", letter(work), "-o",
         sealed],
        ["cmsutil", "-D", "-d", base, "-i", sealed, "-o", read])
    return done and read.read_text() == TEXT, words
