package dev.lathe.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lathe.Model;
import dev.lathe.ScriptedModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The page at / in a browser without a window: {@code -Dlathe.browser=/usr/bin/chromium}. Leaves pictures in
 * {@code target}.
 */
@EnabledIfSystemProperty(named = "lathe.browser", matches = ".+")
@Timeout(120)
class ChatPageTest {
    private static final String SAID = "It cuts: <b>wood</b> & metal.\nSlowly.";

    @Test
    void aConversationIsHeldOnThePage() throws Exception {
        Map<String, List<String>> script = Map.of("", List.of(SAID));
        ServerOptions options = ServerOptions.DEFAULT.port(0).apiKey("secret");
        try (Model model = ScriptedModels.load(Path.of("../.."), 512, script);
                LatheServer server = LatheServer.start(model, options);
                Browser browser = Browser.open(Path.of(System.getProperty("lathe.browser")), server.uri())) {
            browser.await("document.title == 'Lathe'");
            ask(browser, "What does a lathe do?");
            browser.await("document.querySelector('.error') != null");
            assertTrue(browser.evaluate("document.querySelector('.error').textContent")
                    .contains("API key"));
            browser.evaluate("document.getElementById('key').value = 'secret'");
            ask(browser, "What does a lathe do?");
            browser.await("document.getElementById('send').textContent == 'Send'"
                    + " && document.querySelectorAll('.assistant').length == 1");
            assertEquals(SAID, browser.evaluate("document.querySelector('.assistant').textContent"));
            assertEquals("0", browser.evaluate("document.querySelectorAll('.assistant b').length"));
            assertEquals(
                    List.of(),
                    browser.problems().stream()
                            .filter(problem -> !problem.contains("401"))
                            .toList());
            Files.write(Files.createDirectories(Path.of("target")).resolve("chat-page.png"), browser.screenshot());
        }
    }

    private static void ask(Browser browser, String text) throws Exception {
        browser.evaluate("(document.getElementById('text').value = '" + text + "',"
                + " document.getElementById('form').requestSubmit())");
    }
}
