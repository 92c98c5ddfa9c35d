import java.io.FileInputStream;
import java.io.InputStream;
import java.net.URI;
import java.security.KeyStore;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.X509CertSelector;
import java.util.EnumSet;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Fetch URL ROOTS off|ocsp|lists: what HttpsURLConnection gets there, having
 *  asked about the server's certificate where the certificate says. */
public final class Fetch {
    private static KeyStore trusting(String file) throws Exception {
        KeyStore roots = KeyStore.getInstance("PKCS12");
        roots.load(null, null);
        try (InputStream text = new FileInputStream(file)) {
            int count = 0;
            for (var root : CertificateFactory.getInstance("X.509")
                     .generateCertificates(text)) {
                roots.setCertificateEntry("root" + count++, root);
            }
        }
        return roots;
    }

    private static TrustManagerFactory managers(String file, String revocation)
        throws Exception {
        PKIXBuilderParameters parameters =
            new PKIXBuilderParameters(trusting(file), new X509CertSelector());
        parameters.setRevocationEnabled(!revocation.equals("off"));
        if (parameters.isRevocationEnabled()) {
            PKIXRevocationChecker checker = (PKIXRevocationChecker)
                CertPathBuilder.getInstance("PKIX").getRevocationChecker();
            EnumSet<PKIXRevocationChecker.Option> options = EnumSet.of(
                PKIXRevocationChecker.Option.NO_FALLBACK);
            if (revocation.equals("lists")) {
                options.add(PKIXRevocationChecker.Option.PREFER_CRLS);
            } else {
                options.add(PKIXRevocationChecker.Option.ONLY_END_ENTITY);
            }
            checker.setOptions(options);
            parameters.addCertPathChecker(checker);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(new CertPathTrustManagerParameters(parameters));
        return factory;
    }

    public static void main(String[] words) throws Exception {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(
            null, managers(words[1], words[2]).getTrustManagers(), null);
        HttpsURLConnection connection =
            (HttpsURLConnection) new URI(words[0]).toURL().openConnection();
        connection.setSSLSocketFactory(context.getSocketFactory());
        try (InputStream body = connection.getInputStream()) {
            body.transferTo(System.out);
        }
        System.out.flush();
    }
}
