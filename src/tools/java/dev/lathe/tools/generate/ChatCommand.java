package dev.lathe.tools.generate;

import dev.lathe.Chat;
import dev.lathe.Generation;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.TokenStream;
import dev.lathe.chat.ChatOptions;
import dev.lathe.chat.ReplyPiece;
import dev.lathe.chat.ToolCall;
import dev.lathe.decode.GenerationStatistics;
import dev.lathe.decode.Sampler;
import dev.lathe.text.ChatMessage;
import dev.lathe.tools.command.Command;
import dev.lathe.tools.command.Interrupts;
import dev.lathe.tools.command.Program;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** A conversation with a model, in the layout that its own file asks for. */
public final class ChatCommand {
    private static final String HELP = """
            Chat: a conversation. A line that ends in \\ goes on in the next; all between two \"""\" is one message. /help
            lists the commands. Ctrl-C stops the answer, not the program.

              --system TEXT       what the model is told before the conversation
              --max-tokens N      the most tokens of an answer; default: as many as fit
            """ + ChatTools.HELP + Sampling.HELP;

    private static final String COMMANDS = """
            /reset, /clear        begins anew
            /regenerate, /regen   answers the last message again
            /system TEXT          begins anew with this as the system's message, or with none
            /stats                tells how fast the last answer was
            /help, /?             prints this
            /exit, /bye           ends, as Ctrl-D does""";

    private final Program program;
    private final Sampler sampler;
    private final int maxTokens;
    private final Session session;
    private final ChatOptions options;
    private final MessageReader input;
    private final AtomicReference<TokenStream> answering = new AtomicReference<>();
    private String system;
    private Chat chat;
    private GenerationStatistics lastAnswer;

    private ChatCommand(Program program, Session session) throws IOException {
        this.program = program;
        this.sampler = Sampling.of(program.options);
        this.maxTokens = program.options.integer("--max-tokens", Integer.MAX_VALUE, 1);
        this.session = session;
        this.options = ChatTools.of(program.options);
        this.input = new MessageReader(
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)), this::prompt);
        begin(program.options.text("--system", ""));
    }

    public static Command command() {
        return new Command(HELP + Program.LOADING, ChatCommand::run);
    }

    private static void run(Program program) throws IOException {
        try (Model model = program.loadModel();
                Session session = model.newSession()) {
            if (model.chatTemplate().isEmpty()) {
                throw new Program.FailureException(
                        program.modelFile() + " has no chat template; give --model a file of a chat model");
            }
            ChatCommand command = new ChatCommand(program, session);
            Interrupts.handle(command::interrupt);
            command.converse();
            if (program.isJson()) {
                List<Map<String, String>> messages = command.chat.messages().stream()
                        .map(message -> Map.of("role", message.role(), "content", message.content()))
                        .toList();
                program.printJson(Map.of("messages", messages));
            }
        }
    }

    private void begin(String systemMessage) {
        system = systemMessage;
        chat = chat(systemMessage.isEmpty() ? List.of() : List.of(ChatMessage.system(systemMessage)));
    }

    /** A conversation in which this was said. */
    private Chat chat(List<ChatMessage> said) {
        return session.newChat(options, said.toArray(ChatMessage[]::new));
    }

    private void converse() throws IOException {
        Optional<String> message = input.next("> ");
        while (message.isPresent() && !List.of("/exit", "/bye").contains(message.get())) {
            if (message.get().startsWith("/")) {
                command(message.get());
            } else if (!message.get().isBlank()) {
                answer(ChatMessage.user(message.get()));
            }
            message = input.next("> ");
        }
        if (message.isEmpty()) {
            prompt("\n");
        }
    }

    private void command(String line) throws IOException {
        String name = line.split("\\s", 2)[0];
        switch (name) {
            case "/reset", "/clear" -> {
                begin(system);
                program.terminal.note("a new conversation");
            }
            case "/system" -> {
                begin(line.substring(name.length()).strip());
                program.terminal.note("a new conversation, %s", system.isEmpty() ? "told nothing" : "told so");
            }
            case "/regenerate", "/regen" -> regenerate();
            case "/stats" -> tellStatistics();
            case "/help", "/?" -> program.terminal.line("%s", COMMANDS);
            default -> program.terminal.note("no such command: %s; /help lists the commands", name);
        }
    }

    /** Answers the last message again, as if it had not been answered. */
    private void regenerate() throws IOException {
        List<ChatMessage> messages = chat.messages();
        int last = messages.size() - 1;
        while (last >= 0 && !messages.get(last).role().equals("user")) {
            last--;
        }
        if (last < 0) {
            program.terminal.note("no message yet");
            return;
        }
        chat = chat(messages.subList(0, last));
        answer(messages.get(last));
    }

    /** Lets the model answer, and call tools until it says something. */
    private void answer(ChatMessage message) throws IOException {
        List<ToolCall> calls = answer(chat.ask(message));
        while (!calls.isEmpty()) {
            List<ChatMessage> results = new ArrayList<>();
            for (ToolCall call : calls) {
                Optional<String> result = input.next(call.name() + " answers> ");
                if (result.isEmpty()) {
                    return;
                }
                results.add(call.result(result.get()));
            }
            calls = answer(chat.ask(results.toArray(ChatMessage[]::new)));
        }
    }

    private List<ToolCall> answer(Generation generation) {
        List<ToolCall> calls = new ArrayList<>();
        try (TokenStream stream = generation.sampler(sampler).maxTokens(maxTokens).stream()) {
            answering.set(stream);
            boolean thinks = false;
            for (ReplyPiece piece : stream.pieces()) {
                if (thinks != piece instanceof ReplyPiece.Thinking) {
                    show(thinks ? "\n" : "");
                    thinks = !thinks;
                }
                switch (piece) {
                    case ReplyPiece.Text text -> show(text.text());
                    case ReplyPiece.Thinking thinking -> show(program.terminal.grey(thinking.text()));
                    case ReplyPiece.CallPart _ -> {}
                    case ReplyPiece.Call call -> {
                        show(call.call().name() + " " + call.call().arguments().toJson());
                        calls.add(call.call());
                    }
                }
            }
            lastAnswer = stream.stats();
        } finally {
            answering.set(null);
        }
        show("\n");
        return calls;
    }

    /** Ctrl-C: stops the answer under way, or else the program. */
    private void interrupt() {
        TokenStream stream = answering.get();
        if (stream == null) {
            Runtime.getRuntime().halt(130);
        } else {
            stream.cancel();
        }
    }

    private void prompt(String text) {
        if (program.terminal.isInteractive()) {
            show(text);
        }
    }

    private void show(String text) {
        if (!program.isJson()) {
            program.out.print(text);
            program.out.flush();
        }
    }

    private void tellStatistics() {
        if (lastAnswer == null) {
            program.terminal.note("no answer yet");
        } else {
            program.terminal.note(
                    "%d tokens at %.1f tokens/s, prompt of %d (%d reused) at %.1f tokens/s",
                    lastAnswer.generatedTokens(),
                    lastAnswer.decodeTokensPerSecond(),
                    lastAnswer.promptTokens(),
                    lastAnswer.reusedPromptTokens(),
                    lastAnswer.promptTokensPerSecond());
        }
    }
}
