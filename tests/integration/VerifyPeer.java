import java.io.FileInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.security.KeyStore;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** What Java thinks of a peer, by the first word:
 *  server|client ROOT LEAF BETWEEN...: its TLS trust manager of a chain;
 *  connect PORT NAME ROOT: of the server that listens there;
 *  revocation URL ROOT LEAF BETWEEN...: with the OCSP responder at URL;
 *  lists ROOT LEAF BETWEEN...: with the lists that the certificates name. */
public final class VerifyPeer {
    private static X509Certificate read(String path) throws Exception {
        try (InputStream file = new FileInputStream(path)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(file);
        }
    }

    private static X509Certificate[] readAll(String[] words, int first)
        throws Exception {
        X509Certificate[] chain = new X509Certificate[words.length - first];
        for (int i = first; i < words.length; i++) {
            chain[i - first] = read(words[i]);
        }
        return chain;
    }

    private static KeyStore trusting(String root) throws Exception {
        KeyStore roots = KeyStore.getInstance("PKCS12");
        roots.load(null, null);
        roots.setCertificateEntry("root", read(root));
        return roots;
    }

    private static TrustManagerFactory managers(String root) throws Exception {
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(trusting(root));
        return factory;
    }

    private static void connect(int port, String name, String root)
        throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers(root).getTrustManagers(), null);
        Socket plain = new Socket(InetAddress.getByName("127.0.0.1"), port);
        try (SSLSocket socket = (SSLSocket) context.getSocketFactory()
                 .createSocket(plain, name, port, true)) {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(parameters);
            socket.startHandshake();
        }
    }

    private static void validate(
        String responder, String root, X509Certificate[] chain)
        throws Exception {
        CertPathValidator validator = CertPathValidator.getInstance("PKIX");
        PKIXRevocationChecker checker =
            (PKIXRevocationChecker) validator.getRevocationChecker();
        EnumSet<PKIXRevocationChecker.Option> options = EnumSet.of(
            PKIXRevocationChecker.Option.NO_FALLBACK);
        if (responder == null) {
            options.add(PKIXRevocationChecker.Option.PREFER_CRLS);
        } else {
            options.add(PKIXRevocationChecker.Option.ONLY_END_ENTITY);
            checker.setOcspResponder(new URI(responder));
        }
        checker.setOptions(options);
        PKIXParameters parameters = new PKIXParameters(trusting(root));
        parameters.addCertPathChecker(checker);
        CertPath path = CertificateFactory.getInstance("X.509")
            .generateCertPath(Arrays.asList(chain));
        validator.validate(path, parameters);
    }

    public static void main(String[] words) throws Exception {
        List<String> sides = List.of("server", "client");
        if (sides.contains(words[0])) {
            X509TrustManager manager =
                (X509TrustManager) managers(words[1]).getTrustManagers()[0];
            X509Certificate[] chain = readAll(words, 2);
            if (words[0].equals("server")) {
                manager.checkServerTrusted(chain, "UNKNOWN");
            } else {
                manager.checkClientTrusted(chain, "UNKNOWN");
            }
        } else if (words[0].equals("connect")) {
            connect(Integer.parseInt(words[1]), words[2], words[3]);
        } else if (words[0].equals("revocation")) {
            validate(words[1], words[2], readAll(words, 3));
        } else {
            validate(null, words[1], readAll(words, 2));
        }
    }
}
