package dev.lathe.tools;

import dev.lathe.Chat;
import dev.lathe.Generation;
import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.TokenStream;
import dev.lathe.decode.GenerationStatistics;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.Token;
import dev.lathe.text.ChatMessage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;

/** A conversation with a model, in the layout that its own file asks for. */
final class ChatCommand {
    private static final String HELP = """
            Chat: a conversation. /reset begins anew, /stats tells how fast the last answer was, /exit ends.
            Ctrl-C stops the answer, not the program.

              --system TEXT       what the model is told before the conversation
              --max-tokens N      the most tokens of an answer; default: as many as fit
            """ + Sampling.HELP;

    private final Program program;
    private final Sampler sampler;
    private final int maxTokens;
    private final Chat chat;
    private final AtomicReference<TokenStream> answering = new AtomicReference<>();
    private GenerationStatistics lastAnswer;

    private ChatCommand(Program program, Session session) {
        this.program = program;
        this.sampler = Sampling.of(program.options);
        this.maxTokens = program.options.integer("--max-tokens", Integer.MAX_VALUE, 1);
        String system = program.options.text("--system", "");
        this.chat = system.isEmpty() ? session.newChat() : session.newChat(ChatMessage.system(system));
    }

    static void main(String[] arguments) {
        Program.run(HELP + Program.LOADING, arguments, ChatCommand::run);
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

    private void converse() throws IOException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (true) {
            prompt();
            String line = input.readLine();
            if (line == null || line.equals("/exit")) {
                return;
            } else if (line.equals("/reset")) {
                chat.reset();
                program.terminal.note("a new conversation");
            } else if (line.equals("/stats")) {
                tellStatistics();
            } else if (line.startsWith("/")) {
                program.terminal.note("no such command: /reset begins anew, /stats tells how fast, /exit ends");
            } else if (!line.isBlank()) {
                answer(chat.ask(line).sampler(sampler).maxTokens(maxTokens));
            }
        }
    }

    private void answer(Generation generation) {
        try (TokenStream stream = generation.stream()) {
            answering.set(stream);
            for (Token token : stream) {
                show(token.text());
            }
            lastAnswer = stream.stats();
        } finally {
            answering.set(null);
        }
        show("\n");
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

    private void prompt() {
        if (program.terminal.isInteractive()) {
            show("> ");
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
