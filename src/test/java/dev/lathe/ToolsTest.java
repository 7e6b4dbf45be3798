package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.chat.ChatOptions;
import dev.lathe.chat.Reply;
import dev.lathe.chat.ReplyPiece;
import dev.lathe.chat.TemplateModels;
import dev.lathe.chat.Tool;
import dev.lathe.chat.ToolCall;
import dev.lathe.chat.ToolChoice;
import dev.lathe.decode.Decoding;
import dev.lathe.decode.Draft;
import dev.lathe.decode.Sampler;
import dev.lathe.decode.ToyLanguageModel;
import dev.lathe.gguf.Metadata;
import dev.lathe.text.ChatMessage;
import dev.lathe.text.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Calls of tools by a model of random logits: what is constrained is called well. */
class ToolsTest {
    private static final String TEMPLATE = """
            {%- if tools %}<|im_start|>system
            {% for t in tools %}{{ t | tojson }}
            {% endfor %}<|im_end|>
            {% endif %}{% for m in messages %}<|im_start|>{{ m.role }}
            {{ m.content }}{% for c in m.tool_calls %}<tool_call>
            {"name": "{{ c.function.name }}", "arguments": {{ c.function.arguments | tojson }}}
            </tool_call>{% endfor %}<|im_end|>
            {% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
            {% endif %}""";
    private static final ChatOptions TOOLS =
            ChatOptions.of(Tool.of("add", "Adds.", """
                    {"type": "object", "required": ["a", "b"], "properties": {
                        "a": {"type": "integer", "minimum": 0, "maximum": 9},
                        "b": {"enum": ["x", "y"]}}}"""), Tool.of("stop", "Stops.", "{}"));
    private static final List<ChatMessage> QUESTION = List.of(ChatMessage.user("go"));

    private static Model model() {
        Metadata metadata = TemplateModels.metadata(
                new TreeSet<>(List.of("<s>", "</s>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>")),
                TEMPLATE);
        int size = metadata.strings("tokenizer.ggml.tokens").size();
        return ToyModels.of(metadata, new ToyLanguageModel(size, 4000, ToyLanguageModel.Law.hashed(2, 1.5f, 3)));
    }

    @Test
    void aNamedCallIsMadeInEveryStrategyAlike() {
        try (Model model = model();
                Session session = model.newSession()) {
            ChatOptions named = TOOLS.choice(ToolChoice.named("add"));
            Generation generation =
                    session.chat(QUESTION, named).sampler(Sampler.temperature(1).seed(5));
            Reply plain = generation.run().reply();
            assertEquals(1, plain.calls().size());
            assertEquals("add", plain.calls().getFirst().name());
            assertEquals(2, plain.calls().getFirst().arguments().members().size());
            assertEquals("", plain.text());
            Decoding drafted = Decoding.speculative(Draft.forced().orElse(Draft.ngram()));
            assertEquals(plain, generation.decoding(drafted).run().reply());
        }
    }

    @Test
    void requiredCallsAreCallsAndNoneAreText() {
        try (Model model = model();
                Session session = model.newSession()) {
            for (int seed = 0; seed < 10; seed++) {
                Sampler sampler = Sampler.temperature(1).seed(seed);
                Reply required = session.chat(QUESTION, TOOLS.choice(ToolChoice.required()))
                        .sampler(sampler)
                        .maxTokens(2000)
                        .run()
                        .reply();
                assertTrue(!required.calls().isEmpty() && required.text().isEmpty(), required.toString());
                Reply none = session.chat(QUESTION, TOOLS.choice(ToolChoice.none()))
                        .sampler(sampler)
                        .maxTokens(30)
                        .run()
                        .reply();
                assertTrue(none.calls().isEmpty(), none.toString());
            }
        }
    }

    @Test
    void oneCallAtMostIsOneCall() {
        try (Model model = model();
                Session session = model.newSession()) {
            ChatOptions required = TOOLS.choice(ToolChoice.required());
            int most = 0;
            for (int seed = 0; seed < 10; seed++) {
                Sampler sampler = Sampler.temperature(1).seed(seed);
                most = Math.max(most, calls(session, required, sampler));
                assertEquals(1, calls(session, required.severalCalls(false), sampler));
            }
            assertTrue(most > 1, "no seed calls twice");
        }
    }

    private static int calls(Session session, ChatOptions options, Sampler sampler) {
        Generation generation = session.chat(QUESTION, options).sampler(sampler).maxTokens(2000);
        return generation.run().reply().calls().size();
    }

    @Test
    void piecesStreamAsTheWholeReplyAndAConversationGoesOn() {
        try (Model model = model();
                Session session = model.newSession()) {
            Chat chat = session.newChat(TOOLS.choice(ToolChoice.named("add")));
            List<ReplyPiece> pieces = new ArrayList<>();
            try (TokenStream stream = chat.ask("go").stream()) {
                stream.pieces().forEach(pieces::add);
            }
            ToolCall call = ((ReplyPiece.Call) pieces.getLast()).call();
            StringBuilder arguments = new StringBuilder();
            for (ReplyPiece piece : pieces.subList(0, pieces.size() - 1)) {
                ReplyPiece.CallPart part = (ReplyPiece.CallPart) piece;
                assertEquals(0, part.index());
                assertEquals(call, new ToolCall(part.id(), part.name(), call.arguments()));
                arguments.append(part.arguments());
            }
            assertTrue(pieces.size() > 2, "arguments that do not stream");
            assertEquals(call.arguments(), JsonValue.parse(arguments.toString()));
            Reply next = chat.ask(call.result("3")).run().reply();
            assertEquals(1, next.calls().size());
            assertTrue(!next.calls().getFirst().id().equals(call.id()));
            assertEquals(
                    List.of("user", "assistant", "tool", "assistant"),
                    chat.messages().stream().map(ChatMessage::role).toList());
        }
    }

    @Test
    void anEngineAnswersAsASessionDoes() {
        try (Model model = model();
                Session session = model.newSession();
                Engine engine = model.engine()) {
            ChatOptions required = TOOLS.choice(ToolChoice.required());
            Answer answer = engine.chat(QUESTION, required).maxTokens(400).submit();
            Reply alone = session.chat(QUESTION, required).maxTokens(400).run().reply();
            assertEquals(alone, answer.result().reply());
            List<ReplyPiece> pieces = new ArrayList<>();
            answer.pieces().forEach(pieces::add);
            assertEquals(
                    alone.calls().size(),
                    pieces.stream()
                            .filter(piece -> piece instanceof ReplyPiece.Call)
                            .count());
        }
    }

    @Test
    void callsAreGivenAsJsonToo() {
        ToolCall call = ToolCall.of("1", "add", "{\"a\": 1}");
        assertEquals(JsonValue.parse("{\"a\": 1}"), call.arguments());
        assertEquals("1", call.result("x").fields().get("tool_call_id"));
    }
}
