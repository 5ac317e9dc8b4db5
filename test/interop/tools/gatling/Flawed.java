import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.*;

/** Users who all come at once, create tasks that nobody deletes, and ask for a path that does not exist. */
public class Flawed extends Simulation {
  ScenarioBuilder creating =
      scenario("creating")
          .repeat(5)
          .on(
              exec(http("POST /api/v1/tasks")
                      .post("/api/v1/tasks")
                      .body(StringBody("{\"title\":\"the same\"}"))
                      .asJson())
                  .exec(http("/api/v1/todos").get("/api/v1/todos")));

  {
    setUp(creating.injectOpen(atOnceUsers(10)))
        .protocols(http.baseUrl(System.getenv("LOADCELL_TARGET")).disableCaching());
  }
}
