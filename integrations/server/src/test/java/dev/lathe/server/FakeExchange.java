package dev.lathe.server;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpPrincipal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A request without a network; its client can leave after some writes. */
final class FakeExchange extends HttpExchange {
    private final String method;
    private final URI uri;
    private final InputStream body;
    private final Headers request = new Headers();
    private final Headers response = new Headers();
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private int writesLeft;
    private int status = -1;

    FakeExchange(String method, String path, byte[] body) {
        this(method, path, body, Integer.MAX_VALUE);
    }

    FakeExchange(String method, String path, byte[] body, int writes) {
        this.method = method;
        this.uri = URI.create(path);
        this.body = new ByteArrayInputStream(body);
        this.writesLeft = writes;
        request.set("Host", "127.0.0.1:8080");
        request.set("Content-Type", "application/json");
    }

    static FakeExchange post(String path, String body) {
        return new FakeExchange("POST", path, body.getBytes(StandardCharsets.UTF_8));
    }

    String text() {
        return written.toString(StandardCharsets.UTF_8);
    }

    @Override
    public Headers getRequestHeaders() {
        return request;
    }

    @Override
    public Headers getResponseHeaders() {
        return response;
    }

    @Override
    public URI getRequestURI() {
        return uri;
    }

    @Override
    public String getRequestMethod() {
        return method;
    }

    @Override
    public HttpContext getHttpContext() {
        return null;
    }

    @Override
    public void close() {}

    @Override
    public InputStream getRequestBody() {
        return body;
    }

    @Override
    public OutputStream getResponseBody() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                if (writesLeft-- <= 0) {
                    throw new IOException("the client went away");
                }
                written.write(bytes, offset, length);
            }
        };
    }

    @Override
    public void sendResponseHeaders(int code, long length) throws IOException {
        if (status != -1) {
            throw new IOException("headers sent twice");
        }
        status = code;
    }

    @Override
    public InetSocketAddress getRemoteAddress() {
        return getLocalAddress();
    }

    @Override
    public int getResponseCode() {
        return status;
    }

    @Override
    public InetSocketAddress getLocalAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 8080);
    }

    @Override
    public String getProtocol() {
        return "HTTP/1.1";
    }

    @Override
    public Object getAttribute(String name) {
        return null;
    }

    @Override
    public void setAttribute(String name, Object value) {}

    @Override
    public void setStreams(InputStream in, OutputStream out) {}

    @Override
    public HttpPrincipal getPrincipal() {
        return null;
    }
}
