import dev.lathe.Model;
import dev.lathe.Session;
import java.io.IOException;
import java.nio.file.Path;

/** Holds a conversation with the chat model whose file is named; an empty line ends it. */
class Chat {
    public static void main(String[] arguments) throws IOException {
        try (Model model = Model.load(Path.of(arguments[0]));
                Session session = model.newSession()) {
            var chat = session.newChat();
            for (String line = IO.readln("> "); line != null && !line.isEmpty(); line = IO.readln("> ")) {
                chat.ask(line).stream().forEach(token -> IO.print(token.text()));
                IO.println();
            }
        }
    }
}
