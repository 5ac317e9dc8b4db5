import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.*;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Users who come one after another, more and more of them, look at several products and pause. */
public class Sound extends Simulation {
  ScenarioBuilder looking =
      scenario("looking")
          .exec(http("/api/v1/categories").get("/api/v1/categories"))
          .repeat(4)
          .on(
              pause(Duration.ofMillis(50), Duration.ofMillis(300))
                  .exec(session -> session.set("id", ThreadLocalRandom.current().nextInt(1, 1000)))
                  .exec(http("/api/v1/products/{id}").get("/api/v1/products/#{id}").check(status().is(200))));

  {
    setUp(looking.injectOpen(rampUsersPerSec(1).to(10).during(5)))
        .protocols(http.baseUrl(System.getenv("LOADCELL_TARGET")).disableCaching());
  }
}
