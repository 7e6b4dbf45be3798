package dev.lathe.chat;

import dev.lathe.chat.TemplateUse.Definitions;
import dev.lathe.text.ChatMessage;
import dev.lathe.text.ChatTemplate;
import dev.lathe.text.Tokenizer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Finds out how a model writes its replies, by rendering its own template with and without a call, a second call, text
 * and thinking, and comparing what comes out.
 */
final class FormatFinder {
    private static final List<String> THINKING_FIELDS = List.of(Reply.THINKING, "thinking", "reasoning", "tool_plan");
    private static final List<String> THINKING_SWITCHES = List.of("enable_thinking", "thinking");
    private static final String LONG_ID = "call_qxidthreefourfivesix33";

    private final Probes probes;

    FormatFinder(ChatTemplate template, Tokenizer tokenizer) {
        this.probes = new Probes(template, tokenizer);
    }

    /** How thinking is marked; empty if nothing tells. */
    Optional<ThinkingFormat> thinking() {
        Optional<String> prompt = probes.render(List.of(Probes.user()), true, ChatVariables.NONE);
        String variable = THINKING_SWITCHES.stream()
                .filter(name -> switches(name))
                .findFirst()
                .orElse(null);
        for (String field : THINKING_FIELDS) {
            Optional<ThinkingFormat> found = thinkingOf(field, prompt, variable);
            if (found.isPresent()) {
                return found;
            }
        }
        for (String text : Stream.concat(
                        prompt.stream(),
                        Stream.ofNullable(variable)
                                .flatMap(
                                        name -> probes
                                                .render(
                                                        List.of(Probes.user()),
                                                        true,
                                                        ChatVariables.NONE.with(name, false))
                                                .stream()))
                .toList()) {
            String open = lastTag(text);
            if (!open.isEmpty()) {
                return Optional.of(
                        new ThinkingFormat(probes.mark(open), probes.mark("</" + open.substring(1)), null, variable));
            }
        }
        boolean named = probes.sourceHas("<think>") && probes.sourceHas("</think>")
                || probes.isControl("<think>") && probes.isControl("</think>");
        return named
                ? Optional.of(new ThinkingFormat(probes.mark("<think>"), probes.mark("</think>"), null, variable))
                : Optional.empty();
    }

    private boolean switches(String variable) {
        Optional<String> on = probes.render(List.of(Probes.user()), true, ChatVariables.NONE.with(variable, true));
        return on.isPresent()
                && !on.equals(probes.render(List.of(Probes.user()), true, ChatVariables.NONE.with(variable, false)));
    }

    /** Thinking as a field of a message: its marks are what is around it. */
    private Optional<ThinkingFormat> thinkingOf(String field, Optional<String> prompt, String variable) {
        List<ChatMessage> answers = List.of(
                ChatMessage.assistant(Probes.TEXT).with(field, Probes.THOUGHT),
                Probes.calling(1, false, "", Probes.IDS).with(field, Probes.THOUGHT));
        for (ChatMessage answer : answers) {
            Optional<String> rendered = probes.renderWith(
                    Stream.of(Probes.THOUGHT), List.of(Probes.user(), answer), false, ChatVariables.NONE);
            if (rendered.isPresent() && prompt.isPresent()) {
                int at = rendered.get().indexOf(Probes.THOUGHT);
                int start = Body.start(prompt.get(), rendered.get(), at);
                String open =
                        start < 0 ? "" : rendered.get().substring(start, at).strip();
                String close = Spelling.firstMark(
                        rendered.get().substring(at + Probes.THOUGHT.length()).stripLeading());
                if (!open.isEmpty() && !close.isEmpty()) {
                    return Optional.of(new ThinkingFormat(open, close, field, variable));
                }
            }
        }
        return Optional.empty();
    }

    /** A tag that the template opens last and knows the end of; empty if there is none. */
    private String lastTag(String prompt) {
        String text = Spelling.shown(prompt).stripTrailing();
        int begin = text.lastIndexOf('<');
        String tag = begin >= 0 && text.endsWith(">") ? text.substring(begin) : "";
        if (tag.startsWith("</")) { // of thinking about nothing
            return text.substring(0, begin).stripTrailing().endsWith("<" + tag.substring(2))
                    ? "<" + tag.substring(2)
                    : "";
        }
        return tag.length() > 2 && probes.sourceHas("</" + tag.substring(1)) ? tag : "";
    }

    /**
     * How the template takes tools and messages.
     *
     * @throws UnsupportedOperationException if it writes calls in a way that is not understood
     */
    TemplateUse use() {
        Definitions definitions = Stream.of(Definitions.TOOLS, Definitions.FUNCTIONS)
                .filter(way -> probes.renderWith(
                                Stream.of(Probes.DESCRIPTION, Probes.NAMES.getFirst(), Probes.USER),
                                List.of(Probes.user()),
                                true,
                                variables(way))
                        .isPresent())
                .findFirst()
                .orElse(Definitions.PROMPT);
        boolean takesSystem = probes.renderWith(
                        Stream.of(Probes.SYSTEM, Probes.USER),
                        List.of(ChatMessage.system(Probes.SYSTEM), Probes.user()),
                        true,
                        variables(definitions))
                .isPresent();
        boolean writesCalls = false;
        for (boolean asText : new boolean[] {false, true}) {
            for (boolean isNull : new boolean[] {false, true}) {
                String content = isNull ? null : "";
                Optional<String> written = call(variables(definitions), asText, content);
                writesCalls |= written.isPresent();
                if (written.filter(FormatFinder::isUnderstood).isPresent()) {
                    boolean takesLongIds = probes.render(
                                    List.of(Probes.user(), Probes.calling(1, asText, content, List.of(LONG_ID))),
                                    false,
                                    variables(definitions))
                            .isPresent();
                    return new TemplateUse(definitions, takesSystem, true, asText, content, !takesLongIds);
                }
            }
        }
        if (writesCalls) {
            throw unknown(); // told of another way than its own, the model would know two
        }
        return new TemplateUse(definitions, takesSystem, false, false, "", false);
    }

    private Optional<String> call(ChatVariables variables, boolean asText, String content) {
        return probes.renderWith(
                Stream.of(Probes.NAMES.getFirst(), Probes.KEY, Probes.VALUE),
                List.of(Probes.user(), Probes.calling(1, asText, content, Probes.IDS)),
                false,
                variables);
    }

    private static boolean isUnderstood(String call) {
        return Body.of(call, call.lastIndexOf(Probes.NAMES.getFirst()), 0) != null;
    }

    private static ChatVariables variables(Definitions definitions) {
        return new ChatVariables(List.of(Probes.tool(Probes.NAMES.getFirst())), definitions, Map.of());
    }

    /**
     * How calls are written.
     *
     * @throws UnsupportedOperationException if the template writes them in a way that is not understood
     */
    CallFormat calls(TemplateUse use, Optional<ThinkingFormat> thinking) {
        if (!use.takesCalls()) {
            return CallFormat.PLAIN;
        }
        ChatVariables variables = variables(use.definitions());
        String prompt = probes.render(List.of(Probes.user()), true, variables).orElseThrow(FormatFinder::unknown);
        String open = thinking.map(ThinkingFormat::open).orElse(null);
        String one = rendered(use, variables, 1, use.emptyContent()).orElseThrow(FormatFinder::unknown);
        Body first = Body.find(prompt, one, open).orElseThrow(FormatFinder::unknown);
        String before =
                thinking.map(format -> format.withoutEmpty(first.before())).orElse(first.before());
        String said = probes.render(List.of(Probes.user(), ChatMessage.assistant(Probes.TEXT)), false, variables)
                .map(text -> text.substring(text.lastIndexOf(Probes.TEXT) + Probes.TEXT.length()))
                .orElse("");
        Optional<String> two = rendered(use, variables, 2, use.emptyContent());
        CallFormat format = two.flatMap(
                        text -> Body.find(prompt, text, open).flatMap(body -> several(before, body, text, said)))
                .orElseGet(() -> new CallFormat(
                        "", before, first.middle(), turn(one.substring(first.end()), said), null, "", null));
        return withJoint(format, rendered(use, variables, 1, Probes.TEXT));
    }

    private Optional<String> rendered(TemplateUse use, ChatVariables variables, int count, String content) {
        return probes.renderWith(
                Stream.concat(Probes.NAMES.stream().limit(count), Stream.of(content == null ? "" : content)),
                List.of(Probes.user(), Probes.calling(count, use.argumentsAsText(), content, Probes.IDS)),
                false,
                variables);
    }

    /** Takes apart what stands between two calls: the end of one, a separator, the beginning of the other. */
    private Optional<CallFormat> several(String before, Body first, String text, String said) {
        int name = text.indexOf(Probes.NAMES.get(1), first.end());
        Body second = name < 0 ? null : Body.of(text, name, first.end());
        if (second == null || !second.middle().equals(first.middle())) {
            return Optional.empty();
        }
        String between = second.before();
        String behind = turn(text.substring(second.end()), said);
        Overlap prefix = Overlap.ofEnds(before, between);
        Overlap suffix = Overlap.ofBeginnings(between.substring(0, between.length() - prefix.secondLength()), behind);
        return Optional.of(new CallFormat(
                before.substring(0, before.length() - prefix.firstLength()),
                prefix.text(),
                first.middle(),
                suffix.text(),
                between.substring(suffix.firstLength(), between.length() - prefix.secondLength()),
                behind.substring(suffix.secondLength()).stripTrailing(),
                null));
    }

    /** What of the end of a rendering is the turn's own: up to its end, and without what ends a text as well. */
    private String turn(String tail, String said) {
        String own = Body.withSlots(tail);
        int end = probes.endOfTurn(own);
        return own.substring(
                0,
                end < own.length()
                        ? end
                        : own.length() - Overlap.ofEnds(own, said).firstLength());
    }

    private static CallFormat withJoint(CallFormat format, Optional<String> rendered) {
        if (rendered.isEmpty()) {
            return format;
        }
        int text = rendered.get().lastIndexOf(Probes.TEXT);
        int name = rendered.get().indexOf(Probes.NAMES.getFirst(), text);
        if (name < 0) {
            return format;
        }
        String between = Body.withSlots(rendered.get().substring(text + Probes.TEXT.length(), name));
        String opening = format.opening().stripLeading();
        if (!between.endsWith(opening)) {
            return format;
        }
        String joint = between.substring(0, between.length() - opening.length()).strip();
        return new CallFormat(
                format.start(),
                format.prefix(),
                format.middle(),
                format.suffix(),
                format.separator(),
                format.end(),
                joint);
    }

    /** What stands before and after what the model says, such as a recipient; blanks apart. */
    TextFormat text(TemplateUse use, Optional<ThinkingFormat> thinking) {
        ChatVariables variables = variables(use.definitions());
        Optional<String> prompt = probes.render(List.of(Probes.user()), true, variables);
        Optional<String> answered = probes.renderWith(
                Stream.of(Probes.TEXT), List.of(Probes.user(), ChatMessage.assistant(Probes.TEXT)), false, variables);
        if (prompt.isEmpty() || answered.isEmpty()) {
            return TextFormat.PLAIN;
        }
        int at = answered.get().lastIndexOf(Probes.TEXT);
        int start = Body.start(
                Body.beforeThinking(
                        prompt.get(), thinking.map(ThinkingFormat::open).orElse(null)),
                answered.get(),
                at);
        if (start < 0) {
            return TextFormat.PLAIN;
        }
        String before = answered.get().substring(start, at);
        String tail = answered.get().substring(at + Probes.TEXT.length());
        String called = use.takesCalls()
                ? rendered(use, variables, 1, use.emptyContent())
                        .map(text -> text.substring(text.lastIndexOf(Probes.VALUE)))
                        .orElse(tail)
                : tail;
        String behind = turn(tail, called);
        return new TextFormat(
                thinking.map(format -> format.withoutEmpty(before))
                        .orElse(before)
                        .stripLeading(),
                behind.strip());
    }

    private static UnsupportedOperationException unknown() {
        return new UnsupportedOperationException("how the model's template writes calls of tools is not understood:"
                + " expected a name and, after it, arguments in JSON");
    }
}
