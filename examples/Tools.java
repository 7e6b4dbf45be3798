import dev.lathe.Model;
import dev.lathe.Session;
import dev.lathe.chat.ChatOptions;
import dev.lathe.chat.Reply;
import dev.lathe.chat.Tool;
import dev.lathe.chat.ToolCall;
import dev.lathe.chat.ToolChoice;
import dev.lathe.text.ChatMessage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Lets the chat model whose file is named call a tool; what it calls follows the tool's schema. */
class Tools {
    public static void main(String[] arguments) throws IOException {
        Tool weather = Tool.of("weather", "Tells the weather of a city.", """
                {"type": "object", "required": ["city", "days"], "properties": {
                    "city": {"type": "string", "maxLength": 30},
                    "days": {"type": "integer", "minimum": 1, "maximum": 7}}}""");
        ChatOptions options = ChatOptions.of(weather).choice(ToolChoice.required());
        List<ChatMessage> messages = List.of(ChatMessage.user("What will the weather be in Paris tomorrow?"));
        try (Model model = Model.load(Path.of(arguments[0]));
                Session session = model.newSession()) {
            Reply reply = session.chat(messages, options).maxTokens(100).run().reply();
            for (ToolCall call : reply.calls()) {
                System.out.println(call.name() + " " + call.arguments().toJson());
            }
        }
    }
}
