// fetch URL ROOTS: what net/http gets there. fetch list FILE ISSUER: does
// crypto/x509 take the revocation list (DER) as ISSUER's (PEM)?
package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
)

func must(err error) {
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func read(path string) []byte {
	text, err := os.ReadFile(path)
	must(err)
	return text
}

func judge(path, issuer string) {
	list, err := x509.ParseRevocationList(read(path))
	must(err)
	block, _ := pem.Decode(read(issuer))
	certificate, err := x509.ParseCertificate(block.Bytes)
	must(err)
	must(list.CheckSignatureFrom(certificate))
	for _, entry := range list.RevokedCertificateEntries {
		fmt.Printf("%x\n", entry.SerialNumber)
	}
}

func main() {
	words := os.Args[1:]
	if words[0] == "list" {
		judge(words[1], words[2])
		return
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(read(words[1]))
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots},
	}}
	answer, err := client.Get(words[0])
	must(err)
	defer answer.Body.Close()
	_, err = io.Copy(os.Stdout, answer.Body)
	must(err)
}
