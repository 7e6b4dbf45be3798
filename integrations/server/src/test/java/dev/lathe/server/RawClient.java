package dev.lathe.server;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** One connection of a client that may do what no library lets it: send anything, read slowly, go away. */
final class RawClient implements AutoCloseable {
    private final Socket socket = new Socket();
    private final String host;
    private final InputStream in;
    private boolean chunked;
    private int left; // of a body, or of a chunk

    RawClient(URI server, int receiveBuffer, int timeoutMillis) throws IOException {
        host = server.getAuthority();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.setSoTimeout(timeoutMillis);
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(server.getHost(), server.getPort()), timeoutMillis);
        in = new BufferedInputStream(socket.getInputStream(), receiveBuffer > 0 ? receiveBuffer : 8192);
    }

    /** A request without a body. */
    void get(String path, String headers) throws IOException {
        send(("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n" + headers + "\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    }

    void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** A request with a body of JSON. */
    void post(String path, String headers, byte[] body) throws IOException {
        String head = "POST " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n"
                + "Content-Type: application/json\r\nContent-Length: " + body.length + "\r\n" + headers + "\r\n";
        send(head.getBytes(StandardCharsets.US_ASCII));
        send(body);
    }

    void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    /** The status of the answer, whose headers are read; 0 if the connection ends before. */
    int status() throws IOException {
        String first = line();
        if (first == null) {
            return 0;
        }
        chunked = false;
        left = 0;
        for (String header = line(); header != null && !header.isEmpty(); header = line()) {
            String lower = header.toLowerCase(java.util.Locale.ROOT);
            chunked |= lower.startsWith("transfer-encoding:") && lower.endsWith("chunked");
            left = lower.startsWith("content-length:")
                    ? Integer.parseInt(lower.substring(15).strip())
                    : left;
        }
        return Integer.parseInt(first.split(" ")[1]);
    }

    /** The next event of a stream, without its {@code data: }; empty at the stream's end. */
    Optional<String> event() throws IOException {
        for (String line = bodyLine(); line != null; line = bodyLine()) {
            if (line.startsWith("data: ")) {
                return Optional.of(line.substring("data: ".length()));
            }
        }
        return Optional.empty();
    }

    /** All of the body that is left. */
    String rest() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int b = bodyByte(); b >= 0; b = bodyByte()) {
            out.write(b);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private String bodyLine() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int b = bodyByte();
        if (b < 0) {
            return null;
        }
        for (; b >= 0 && b != '\n'; b = bodyByte()) {
            out.write(b);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private int bodyByte() throws IOException {
        if (left == 0 && chunked) {
            String size = line();
            size = size != null && size.isEmpty() ? line() : size; // behind the chunk before
            if (size == null) {
                throw new IOException("the stream was cut");
            }
            left = Integer.parseInt(size.strip(), 16);
            chunked = left > 0;
        }
        if (left == 0) {
            return -1;
        }
        int b = in.read();
        if (b < 0) {
            throw new IOException("the body was cut");
        }
        left--;
        return b;
    }

    private String line() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int b = in.read();
        if (b < 0) {
            return null;
        }
        for (; b >= 0 && b != '\n'; b = in.read()) {
            if (b != '\r') {
                out.write(b);
            }
        }
        return out.toString(StandardCharsets.ISO_8859_1);
    }

    /** Closes it with a reset, so that its port is free at once. */
    @Override
    public void close() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }
}
