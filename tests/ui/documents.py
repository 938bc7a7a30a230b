"""Recipe documents that the tests write."""

ORDERS = """
apiVersion: patchdeck/v1
kind: Recipe
metadata: {{name: {name}, title: {title}}}
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - id: large
      uses: filter
      with: {{all: [{{left: "{{{{ trigger.body.total }}}}", is: at_least, right: 10}}]}}
    - id: keep
      title: Keep the order
      uses: dataset.write_rows
      with:
        dataset: {name}
        mode: upsert
        key: [number]
        columns: {{number: "{{{{ trigger.body.number }}}}", total: "{{{{ trigger.body.total }}}}"}}
"""

POSTING = """
apiVersion: patchdeck/v1
kind: Recipe
metadata: {{name: {name}}}
spec:
  trigger: {{uses: webhook.received}}
  steps:
    - id: send
      title: Tell the shop
      uses: http.send
      with: {{method: POST, url: "{url}", json: {{number: "{{{{ trigger.body.number }}}}"}}}}
      retry: {{attempts: 1}}
"""

SORTING = """
apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: sorting}
spec:
  trigger: {uses: webhook.received}
  steps:
    - id: kind
      uses: branch
      with:
        cases: {big: {all: [{left: "{{ trigger.body.n }}", is: greater, right: 9}]}}
        else: rest
    - {id: first, uses: set, after: [{step: kind, case: big}], with: {fields: {a: 1}}}
    - {id: second, uses: set, with: {fields: {b: 1}}}
    - {id: meet, uses: join, after: [second, {step: kind, case: rest}]}
"""
LONG = """
apiVersion: patchdeck/v1
kind: Recipe
metadata: {name: long}
spec:
  trigger: {uses: webhook.received}
  steps:
""" + "".join(f"    - {{id: step_{number}, uses: set, with: {{fields: {{n: {number}}}}}}}\n" for number in range(100))
