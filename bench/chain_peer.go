// The chain of bench/chain.c before Go's crypto/x509: leaf and intermediate are
// read each time.
//
//	build-bench/bench/chain_bench FOLDER && go run bench/chain_peer.go FOLDER
package main

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"syscall"
)

const times = 6000

func read(name string) []byte {
	text, err := os.ReadFile(os.Args[1] + "/" + name + ".pem")
	if err != nil {
		panic(err)
	}
	block, _ := pem.Decode(text)
	return block.Bytes
}

func parse(der []byte) *x509.Certificate {
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return certificate
}

func seconds() float64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return float64(usage.Utime.Sec+usage.Stime.Sec) +
		float64(usage.Utime.Usec+usage.Stime.Usec)/1e6
}

func main() {
	roots := x509.NewCertPool()
	roots.AddCert(parse(read("root")))
	leaf, issuer := read("leaf"), read("issuer")
	started := seconds()
	for i := 0; i < times; i++ {
		issuers := x509.NewCertPool()
		issuers.AddCert(parse(issuer))
		_, err := parse(leaf).Verify(x509.VerifyOptions{
			DNSName: "www.example.org", Roots: roots, Intermediates: issuers})
		if err != nil {
			panic(err)
		}
	}
	each := (seconds() - started) / times
	fmt.Printf("crypto/x509        %9.0f /s   %7.1f us\n", 1/each, each*1e6)
}
