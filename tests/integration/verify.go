// What Go thinks of a peer, by the first word:
//
//	path PURPOSE ROOT LEAF BETWEEN...: crypto/x509 of a chain;
//	connect PORT NAME ROOT: crypto/tls of the server that listens there.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
)

var purposes = map[string]x509.ExtKeyUsage{
	"server":        x509.ExtKeyUsageServerAuth,
	"client":        x509.ExtKeyUsageClientAuth,
	"code-signing":  x509.ExtKeyUsageCodeSigning,
	"email":         x509.ExtKeyUsageEmailProtection,
	"time-stamping": x509.ExtKeyUsageTimeStamping,
	"ocsp":          x509.ExtKeyUsageOCSPSigning,
}

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func read(path string) *x509.Certificate {
	text, err := os.ReadFile(path)
	must(err)
	block, _ := pem.Decode(text)
	certificate, err := x509.ParseCertificate(block.Bytes)
	must(err)
	return certificate
}

func pool(paths ...string) *x509.CertPool {
	certificates := x509.NewCertPool()
	for _, path := range paths {
		certificates.AddCert(read(path))
	}
	return certificates
}

func main() {
	words := os.Args[1:]
	if words[0] == "path" {
		_, err := read(words[3]).Verify(x509.VerifyOptions{
			Roots:         pool(words[2]),
			Intermediates: pool(words[4:]...),
			KeyUsages:     []x509.ExtKeyUsage{purposes[words[1]]},
		})
		must(err)
		return
	}
	connection, err := tls.Dial("tcp", "127.0.0.1:"+words[1], &tls.Config{
		ServerName: words[2],
		RootCAs:    pool(words[3]),
	})
	must(err)
	must(connection.Close())
}
