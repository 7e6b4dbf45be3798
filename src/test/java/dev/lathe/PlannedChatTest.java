package dev.lathe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.plan.Action;
import dev.lathe.plan.Actor;
import dev.lathe.plan.PlanResult;
import dev.lathe.plan.PlanRun;
import dev.lathe.plan.Planner;
import dev.lathe.plan.Replier;
import dev.lathe.plan.StepResult;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A real small chat model plans and acts: what it writes is always a plan and always a call. */
@Slow
class PlannedChatTest {
    private static Path file() {
        return ReferenceData.require("smollm2-135m-instruct-q4_1.gguf");
    }

    private static Planner planner(Replier model, List<String> called) {
        Action weather = Action.of("weather", "Tells the weather of a city.", """
                {"type": "object", "required": ["city"], "properties": {
                    "city": {"type": "string", "minLength": 1, "maxLength": 20}}}""", arguments -> {
            called.add(arguments.text("city"));
            return "sunny";
        });
        Action mail = Action.of("mail", "Sends a mail.", """
                {"type": "object", "required": ["to"], "properties": {
                    "to": {"enum": ["Ann", "Bob"]}}}""", arguments -> {
            called.add(arguments.text("to"));
            return "sent";
        });
        return Planner.of(
                        model,
                        Actor.of("meteorologist", "Knows the weather of all cities.", model, weather),
                        Actor.of("postman", "Sends mail to Ann or Bob.", model, mail))
                .mostSteps(2);
    }

    @Test
    void everyPlanCanBeRunAndEveryCallIsByItsSchema() throws Exception {
        try (Model model = Model.load(file(), new LoadOptions(2));
                Session session = model.newSession(SessionOptions.DEFAULT.contextLength(2048))) {
            List<String> called = new ArrayList<>();
            Replier replier = session.replier(generation -> generation.maxTokens(250));
            PlanResult result = planner(replier, called)
                    .request("Find out the weather in Paris, then mail it to Ann.")
                    .run();
            assertEquals(PlanResult.End.DONE, result.end(), result.toString());
            assertTrue(result.plans().getFirst().size() <= 2);
            assertEquals(called.size(), result.steps().size(), result.toString());
            for (StepResult step : result.steps()) {
                assertTrue(
                        Set.of("meteorologist", "postman").contains(step.step().actor()));
                assertTrue(step.outcome().startsWith("sunny") || step.outcome().startsWith("sent"), step.toString());
            }
        }
    }

    @Test
    void cancellingEndsWhatIsBeingWritten() throws Exception {
        try (Model model = Model.load(file(), new LoadOptions(2));
                Session session = model.newSession(SessionOptions.DEFAULT.contextLength(2048))) {
            List<PlanRun> runs = new ArrayList<>();
            Replier cancelling = session.replier(generation -> generation
                    .maxTokens(250)
                    .onPromptProgress((done, all) -> runs.getFirst().cancel()));
            runs.add(planner(cancelling, new ArrayList<>()).request("What is the weather in Rome?"));
            PlanResult result = runs.getFirst().run();
            assertEquals(PlanResult.End.CANCELLED, result.end());
            assertEquals(List.of(), result.plans());
            assertTrue(session.tokens().length < 2048);
        }
    }
}
