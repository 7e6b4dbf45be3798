package dev.lathe.server;

import dev.lathe.Kernels;
import dev.lathe.LoadOptions;
import dev.lathe.Model;
import dev.lathe.compress.ModelEdit;
import dev.lathe.gguf.OpenTensorSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Serves a model: {@code java -cp ... dev.lathe.server.Main model.gguf --port 8080}. */
public final class Main {
    private static final String USAGE = """
            usage: dev.lathe.server.Main MODEL [options]
              --host NAME            interface to listen on, 127.0.0.1 unless given
              --port NUMBER          8080 unless given
              --api-key-file FILE    holds the key that clients must send; needed outside of this machine
              --name NAME            what the model is called, its file's name unless given
              --chat-template FILE   a template in place of the model's own
              --texts NUMBER         answers at the same time, 16 unless given
              --queue NUMBER         answers that wait, 64 unless given
              --context NUMBER       tokens of a prompt and its answer, the model's own unless given
            """;

    private Main() {}

    /** Serves until the process is told to end; then answers under way may end first. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length == 0 || arguments[0].startsWith("-")) {
            System.err.print(USAGE);
            System.exit(arguments.length == 1 && arguments[0].equals("--help") ? 0 : 2);
        }
        Command command;
        try {
            command = Command.of(arguments);
        } catch (IllegalArgumentException problem) {
            System.err.println(problem.getMessage());
            System.err.print(USAGE);
            System.exit(2);
            return;
        }
        Model model = command.load();
        LatheServer server = LatheServer.start(model, command.options());
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            server.close();
            model.close();
        }));
        System.out.println(command.options().modelName() + " at " + server.uri() + ", kernels "
                + Kernels.inUse().name());
        Thread.currentThread().join();
    }

    /**
     * What to serve, and how.
     *
     * @param chatTemplate the source of one in place of the model's own
     */
    record Command(Path file, Optional<String> chatTemplate, ServerOptions options) {
        static Command of(String... arguments) throws IOException {
            Path file = Path.of(arguments[0]);
            ServerOptions options = ServerOptions.DEFAULT.modelName(
                    file.getFileName().toString().replaceFirst("\\.gguf$", ""));
            ServerLimits limits = options.limits();
            String host = options.host();
            Optional<String> key = Optional.empty();
            Optional<String> template = Optional.empty();
            for (int i = 1; i < arguments.length; i += 2) {
                String name = arguments[i];
                if (i + 1 == arguments.length) {
                    throw new IllegalArgumentException(name + " needs a value");
                }
                String value = arguments[i + 1];
                switch (name) {
                    case "--host" -> host = value;
                    case "--port" -> options = options.port(number(name, value));
                    case "--api-key-file" ->
                        key = Optional.of(Files.readString(Path.of(value)).strip());
                    case "--name" -> options = options.modelName(value);
                    case "--chat-template" -> template = Optional.of(Files.readString(Path.of(value)));
                    case "--texts" -> limits = limits.texts(number(name, value));
                    case "--queue" -> limits = limits.queueLength(number(name, value));
                    case "--context" -> limits = limits.contextLength(number(name, value));
                    default -> throw new IllegalArgumentException("there is no option " + name);
                }
            }
            return new Command(file, template, options.host(host, key).limits(limits));
        }

        Model load() throws IOException {
            try (OpenTensorSource source = Model.open(file)) {
                ModelEdit edit = new ModelEdit(source);
                chatTemplate.ifPresent(template -> edit.setMetadata(source.metadata().toBuilder()
                        .string("tokenizer.chat_template", template)
                        .build()));
                return Model.load(edit, LoadOptions.DEFAULT);
            }
        }

        private static int number(String name, String value) {
            try {
                return Integer.parseInt(value);
            } catch (NumberFormatException _) {
                throw new IllegalArgumentException(name + " is " + value + ": expected a number");
            }
        }
    }
}
