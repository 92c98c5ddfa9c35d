import java.io.FileInputStream;
import java.io.InputStream;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** Verify ROOT NAME LEAF BETWEEN...: would a TLS client take this server? */
public final class Verify {
    private static X509Certificate read(String path) throws Exception {
        try (InputStream file = new FileInputStream(path)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(file);
        }
    }

    public static void main(String[] words) throws Exception {
        KeyStore roots = KeyStore.getInstance("PKCS12");
        roots.load(null, null);
        roots.setCertificateEntry("root", read(words[0]));
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(roots);
        X509Certificate[] chain = new X509Certificate[words.length - 2];
        for (int i = 2; i < words.length; i++) {
            chain[i - 2] = read(words[i]);
        }
        ((X509TrustManager) factory.getTrustManagers()[0])
            .checkServerTrusted(chain, "UNKNOWN");
        for (List<?> name : chain[0].getSubjectAlternativeNames()) {
            if (name.get(0).equals(2) && name.get(1).equals(words[1])) {
                return;
            }
        }
        throw new Exception("no DNS name " + words[1]);
    }
}
