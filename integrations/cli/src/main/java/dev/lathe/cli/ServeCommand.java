package dev.lathe.cli;

import dev.lathe.Kernels;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.OpenTensorSource;
import dev.lathe.server.LatheServer;
import dev.lathe.server.ServerLimits;
import dev.lathe.server.ServerOptions;
import java.io.IOException;
import java.net.BindException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Serves a model until the process is told to end; then answers under way may end first. */
@Command(
        name = "serve",
        description = {
            "Serves a model behind an OpenAI-compatible port, with a page to chat at /.",
            "On SIGTERM or Ctrl-C new requests are refused, and answers under way may end within --stop-time."
        },
        sortOptions = false)
final class ServeCommand implements Callable<Integer> {
    private static final String API_KEY = "LATHE_API_KEY";
    private static final String DEFAULT = "; default: ${DEFAULT-VALUE}";

    private final Models models;

    @Parameters(paramLabel = "MODEL", description = "a file, a folder, or a name such as owner/repository:Q4_K_M")
    private String name;

    @Option(names = "--host", paramLabel = "NAME", description = "interface to listen on" + DEFAULT)
    private String host = "127.0.0.1";

    @Option(names = "--port", paramLabel = "N", description = "0 for any free one" + DEFAULT)
    private int port = 8080;

    @Option(
            names = "--api-key-file",
            paramLabel = "FILE",
            description = "holds the key that clients must send, in place of the variable " + API_KEY
                    + "; needed where other machines may ask")
    private Path keyFile;

    @Option(names = "--name", paramLabel = "NAME", description = "what the model is called; default: its file's name")
    private String alias;

    @Option(names = "--chat-template", paramLabel = "FILE", description = "a template in place of the model's own")
    private Path template;

    @Option(names = "--threads", paramLabel = "N", description = "threads that compute; default: the physical cores")
    private int threads;

    @Option(names = "--packed", paramLabel = "DIR", description = "keeps packed weights in this folder")
    private Path packed;

    @Option(names = "--texts", paramLabel = "N", description = "answers at the same time" + DEFAULT)
    private int texts = ServerLimits.DEFAULT.texts();

    @Option(names = "--queue", paramLabel = "N", description = "answers that wait; one more is refused" + DEFAULT)
    private int queue = ServerLimits.DEFAULT.queueLength();

    @Option(
            names = "--context",
            paramLabel = "N",
            description = "tokens of a prompt and its answer; default: the model's own")
    private int context;

    @Option(names = "--max-tokens", paramLabel = "N", description = "the most tokens of an answer; default: no limit")
    private int maxTokens = ServerLimits.DEFAULT.maxTokens();

    @Option(names = "--body-bytes", paramLabel = "N", description = "the most bytes of a request" + DEFAULT)
    private int bodyBytes = ServerLimits.DEFAULT.bodyBytes();

    @Option(
            names = "--answer-time",
            paramLabel = "S",
            description = "the most seconds of an answer, its wait included" + DEFAULT)
    private long answerSeconds = ServerLimits.DEFAULT.generationTime().toSeconds();

    @Option(
            names = "--transfer-time",
            paramLabel = "S",
            description = "the most seconds that a client may take to send a request or to take a part of an answer"
                    + DEFAULT)
    private long transferSeconds = ServerLimits.DEFAULT.transferTime().toSeconds();

    @Option(
            names = "--stop-time",
            paramLabel = "S",
            description = "seconds that answers under way may take when the server stops" + DEFAULT)
    private long stopSeconds = ServerLimits.DEFAULT.stopTime().toSeconds();

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "prints this")
    private boolean help;

    ServeCommand(Models models) {
        this.models = models;
    }

    @Override
    public Integer call() throws IOException {
        Path file = models.find(name);
        ServerOptions options = options(file);
        Thread serving = Thread.currentThread();
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> stop(serving, ended)));
        try (Model model = load(file);
                LatheServer server = start(model, options)) {
            System.out.println(options.modelName() + " at " + server.uri() + ", kernels "
                    + Kernels.inUse().name());
            new CountDownLatch(1).await();
        } catch (InterruptedException _) {
            // told to stop
        } finally {
            ended.countDown();
        }
        return 0;
    }

    /** The virtual machine ends only when this has returned. */
    private static void stop(Thread serving, CountDownLatch ended) {
        serving.interrupt();
        try {
            ended.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static LatheServer start(Model model, ServerOptions options) throws IOException {
        try {
            return LatheServer.start(model, options);
        } catch (BindException e) {
            throw new IOException(
                    "port " + options.port() + " of " + options.host() + " cannot be had (" + e.getMessage()
                            + "); give another --port, or 0 for any free one",
                    e);
        }
    }

    private ServerOptions options(Path file) throws IOException {
        Optional<String> key = keyFile == null
                ? Optional.ofNullable(System.getenv(API_KEY)).filter(text -> !text.isBlank())
                : Optional.of(Files.readString(keyFile).strip());
        ServerLimits limits = ServerLimits.DEFAULT
                .texts(texts)
                .queueLength(queue)
                .contextLength(context)
                .maxTokens(maxTokens)
                .bodyBytes(bodyBytes)
                .generationTime(Duration.ofSeconds(answerSeconds))
                .transferTime(Duration.ofSeconds(transferSeconds))
                .stopTime(Duration.ofSeconds(stopSeconds));
        String called = alias == null ? file.getFileName().toString().replaceFirst("\\.gguf$", "") : alias;
        return ServerOptions.DEFAULT
                .host(host, key)
                .port(port)
                .modelName(called)
                .limits(limits);
    }

    private Model load(Path file) throws IOException {
        LoadOptions loading = new LoadOptions(threads);
        loading = packed == null ? loading : loading.packed(packed);
        if (template == null) {
            return Model.load(file, loading);
        }
        try (OpenTensorSource source = Model.open(file)) {
            ModelEdit edit = new ModelEdit(source);
            edit.setMetadata(source.metadata().toBuilder()
                    .string("tokenizer.chat_template", Files.readString(template))
                    .build());
            return Model.load(edit, loading);
        }
    }
}
