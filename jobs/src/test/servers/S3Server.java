import java.net.URI;
import java.util.Properties;
import org.gaul.s3proxy.AuthenticationType;
import org.gaul.s3proxy.S3Proxy;
import org.jclouds.ContextBuilder;
import org.jclouds.blobstore.BlobStore;
import org.jclouds.blobstore.BlobStoreContext;
import org.jclouds.blobstore.TransientApiMetadata;

/**
 * An S3 server with its objects in memory, on a free port of loopback; run as a source file.
 * Arguments: access key, secret key, bucket. Prints "READY port" and serves until stdin closes.
 */
public final class S3Server {
  public static void main(String[] arguments) throws Exception {
    // the newer store in memory, transient-nio2, takes directories for objects
    BlobStoreContext context =
        ContextBuilder.newBuilder(new TransientApiMetadata())
            .credentials("none", "none")
            .overrides(new Properties())
            .build(BlobStoreContext.class);
    BlobStore store = context.getBlobStore();
    store.createContainerInLocation(null, arguments[2]);
    S3Proxy server =
        S3Proxy.builder()
            .blobStore(store)
            .endpoint(URI.create("http://127.0.0.1:0"))
            .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, arguments[0], arguments[1])
            .ignoreUnknownHeaders(true)
            .build();
    server.start();
    System.out.println("READY " + server.getPort());
    while (System.in.read() >= 0) {
      continue;
    }
    server.stop();
    context.close();
    System.exit(0);
  }
}
