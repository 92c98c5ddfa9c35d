// Go's crypto/x509, asked as peer.h says.
package main

import (
	"bufio"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

func read(text string) (*x509.Certificate, error) {
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return x509.ParseCertificate(der)
}

func pool(list string) *x509.CertPool {
	made := x509.NewCertPool()
	if list == "-" {
		return made
	}
	for _, text := range strings.Split(list, ",") {
		if certificate, err := read(text); err == nil {
			made.AddCert(certificate)
		}
	}
	return made
}

func refusal(fields []string) error {
	seconds, err := strconv.ParseInt(fields[0], 10, 64)
	if err != nil {
		panic(err)
	}
	leaf, err := read(fields[2])
	if err != nil {
		return err
	}
	_, err = leaf.Verify(x509.VerifyOptions{
		CurrentTime: time.Unix(seconds, 0), DNSName: fields[1],
		Roots: pool(fields[3]), Intermediates: pool(fields[4]),
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}})
	return err
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		err := refusal(strings.Split(lines.Text(), " "))
		if err == nil {
			fmt.Println("yes")
		} else {
			fmt.Printf("no %q\n", err.Error())
		}
	}
	if lines.Err() != nil {
		panic(lines.Err())
	}
}
